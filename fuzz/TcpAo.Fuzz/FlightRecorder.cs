using System.IO.MemoryMappedFiles;

namespace TcpAo.Fuzz;

/// <summary>
/// Holds the input at hand in a file that outlives the process: a touched guard page kills it without an exception.
/// </summary>
internal sealed class FlightRecorder : IDisposable
{
    private const int HeaderLength = 8;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public FlightRecorder(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, mapName: null, HeaderLength + TargetRunner.MaxInput);
        _view = _file.CreateViewAccessor();
    }

    public static string PathFor(string target) => Path.Combine(CrashStore.Root, $".{target}.current");

    /// <summary>What was at hand when the process died; null when nothing was.</summary>
    public static byte[]? Recover(string target)
    {
        string path = PathFor(target);
        if (!File.Exists(path))
        {
            return null;
        }

        byte[] file = File.ReadAllBytes(path);
        File.Delete(path);
        int length = BitConverter.ToInt32(file);
        return length < 0 ? null : file[HeaderLength..(HeaderLength + length)];
    }

    public void Note(byte[] input)
    {
        int length = Math.Min(input.Length, TargetRunner.MaxInput);
        _view.Write(0, length);
        _view.WriteArray(HeaderLength, input, 0, length);
    }

    public void Dispose()
    {
        _view.Write(0, -1);
        _view.Dispose();
        _file.Dispose();
    }
}
