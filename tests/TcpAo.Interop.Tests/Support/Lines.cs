using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>The lines that a program has written so far, and a wait for those to come.</summary>
/// <param name="program">Its name, for messages.</param>
/// <param name="limit">Ends a wait that is in vain, in milliseconds.</param>
internal sealed class Lines(string program, int limit = Lines.Milliseconds)
{
    /// <summary>The limit unless another is given.</summary>
    public const int Milliseconds = 120_000;

    private readonly List<string> _lines = [];
    private int _open;

    public int Count
    {
        get
        {
            lock (_lines)
            {
                return _lines.Count;
            }
        }
    }

    public void Follow(StreamReader reader)
    {
        lock (_lines)
        {
            _open++;
        }

        new Thread(() => Read(reader)) { Name = $"output of {program}", IsBackground = true }.Start();
    }

    /// <summary>The first line from a place on that has a text, or the one that is so many times such.</summary>
    public string WaitFor(string text, int from = 0, int times = 1)
    {
        long end = Environment.TickCount64 + limit;
        lock (_lines)
        {
            while (true)
            {
                int found = 0;
                for (int at = from; at < _lines.Count; at++)
                {
                    if (_lines[at].Contains(text, StringComparison.Ordinal) && ++found == times)
                    {
                        return _lines[at];
                    }
                }

                long left = end - Environment.TickCount64;
                if (left <= 0 || _open == 0)
                {
                    Assert.Fail($"{program} did not write '{text}' {times} times. It wrote:\n{string.Join('\n', _lines.Skip(from))}");
                }

                Monitor.Wait(_lines, (int)left);
            }
        }
    }

    public override string ToString()
    {
        lock (_lines)
        {
            return string.Join('\n', _lines);
        }
    }

    private void Read(StreamReader reader)
    {
        try
        {
            while (reader.ReadLine() is { } line)
            {
                lock (_lines)
                {
                    _lines.Add(line.TrimEnd('\r'));
                    Monitor.PulseAll(_lines);
                }
            }
        }
        catch (IOException)
        {
            // the program was ended
        }

        lock (_lines)
        {
            _open--;
            Monitor.PulseAll(_lines);
        }
    }
}
