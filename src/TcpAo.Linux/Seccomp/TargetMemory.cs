using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>Reads the memory of stopped threads.</summary>
internal static unsafe class TargetMemory
{
    // a copy that cannot be made whole is made up to the piece that cannot be read: pages, so that all that can be read is
    private const int Page = 4096;
    private const int MaxPieces = 8;

    /// <summary>Reads as much as can be read.</summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="address">Where to begin.</param>
    /// <param name="destination">Filled from its start.</param>
    /// <returns>Bytes read.</returns>
    public static int Read(int threadId, ulong address, Span<byte> destination) => Read(threadId, address, destination, 0, []);

    /// <summary>Reads two things at once, the second where the first could be read whole.</summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="firstAddress">Where the first begins.</param>
    /// <param name="first">Filled from its start.</param>
    /// <param name="secondAddress">Where the second begins.</param>
    /// <param name="second">Filled from its start.</param>
    /// <returns>Bytes read of both.</returns>
    public static int Read(int threadId, ulong firstAddress, Span<byte> first, ulong secondAddress, Span<byte> second)
    {
        IoVector* local = stackalloc IoVector[2];
        IoVector* remote = stackalloc IoVector[MaxPieces];
        int wanted = first.Length + second.Length;
        int count = 0;
        fixed (byte* firstBytes = first, secondBytes = second)
        {
            while (count < wanted)
            {
                int ofFirst = Math.Min(count, first.Length);
                int ofSecond = count - ofFirst;
                int pieces = 0;
                int asked = Cut(firstAddress + (ulong)ofFirst, first.Length - ofFirst, remote, ref pieces);
                local[0] = new() { Base = firstBytes + ofFirst, Length = (nuint)asked };
                int askedOfSecond = asked == first.Length - ofFirst ? Cut(secondAddress + (ulong)ofSecond, second.Length - ofSecond, remote, ref pieces) : 0;
                local[1] = new() { Base = secondBytes + ofSecond, Length = (nuint)askedOfSecond };
                nint read = Libc.ReadMemory(threadId, local, 2, remote, (nuint)pieces);
                count += (int)Math.Max(read, 0);
                if (read < asked + askedOfSecond)
                {
                    break;
                }
            }
        }

        return count;
    }

    private static int Cut(ulong address, int length, IoVector* pieces, ref int count)
    {
        int done = 0;
        while (done < length && count < MaxPieces)
        {
            ulong from = address + (ulong)done;
            int size = Math.Min(length - done, Page - (int)(from % Page));
            pieces[count++] = new() { Base = (void*)from, Length = (nuint)size };
            done += size;
        }

        return done;
    }
}
