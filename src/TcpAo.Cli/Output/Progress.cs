using System.Diagnostics;

namespace TcpAo.Cli.Output;

/// <summary>One line on stderr that tells how far a long file is; nothing where nobody looks at it.</summary>
/// <param name="writer">Where to.</param>
/// <param name="enabled">Whether it is a terminal.</param>
internal sealed class Progress(TextWriter writer, bool enabled)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    private long _last = Stopwatch.GetTimestamp();
    private bool _shown;

    public void Report(string what, long position, long length)
    {
        if (!enabled || length == 0 || Stopwatch.GetElapsedTime(_last) < s_interval)
        {
            return;
        }

        _last = Stopwatch.GetTimestamp();
        _shown = true;
        writer.Write($"\r{what}: {100 * position / length} %");
    }

    public void Done()
    {
        if (_shown)
        {
            writer.Write("\r\u001b[K");
        }
    }
}
