using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux;

/// <summary>A file that is in memory alone and has no name in any folder (memfd_create(2)).</summary>
public sealed class MemoryFile : IDisposable
{
    private MemoryFile(SafeDescriptor descriptor)
    {
        Descriptor = descriptor;
    }

    /// <summary>Its descriptor, which reads from the start.</summary>
    public SafeHandle Descriptor { get; }

    /// <summary>Makes one.</summary>
    /// <param name="name">What /proc shows of it.</param>
    /// <param name="contents">The contents.</param>
    /// <exception cref="LinuxException">The limit of open files or of memory is reached.</exception>
    public static MemoryFile Create(string name, ReadOnlySpan<byte> contents) => new(Libc.FileInMemory(name, contents));

    /// <summary>Closes the descriptor; copies of it go on.</summary>
    public void Dispose() => Descriptor.Dispose();
}
