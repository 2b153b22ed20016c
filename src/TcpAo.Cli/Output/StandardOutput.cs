using Microsoft.Win32.SafeHandles;

namespace TcpAo.Cli.Output;

/// <summary>Standard output that says so when its reader has gone.</summary>
internal static class StandardOutput
{
    private const int Descriptor = 1;

    /// <summary>
    /// Opens it. The console's own stream throws away what a closed pipe does not take, and a command that repeats would never end; a stream on the descriptor
    /// fails, but keeps a place of its own in a file that others write to as well.
    /// </summary>
    public static Stream Open()
    {
#pragma warning disable CA2000 // the stream's; and as it owns nothing, nothing is closed with it
        var stream = new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
#pragma warning restore CA2000
        if (!stream.CanSeek)
        {
            return stream;
        }

        stream.Dispose();
        return Console.OpenStandardOutput();
    }
}
