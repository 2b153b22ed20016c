using System.Net.Sockets;
using TcpAo.Uapi;

namespace TcpAo.Linux.Sockets;

/// <summary>A TCP socket as far as its options go: one of the kernel's, or in tests the model of one (<see cref="AoSocket"/>).</summary>
internal abstract class OptionSocket
{
    /// <summary>Its ends, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>IPv4 or IPv6.</summary>
    public abstract AddressFamily Family { get; }

    /// <summary>Whether it is an IPv6 socket that takes IPv4 peers too.</summary>
    public abstract bool IsDualMode { get; }

    public abstract TcpState State { get; }

    /// <summary>Whether <see cref="TcpAoExtension"/> is worth a try: until the kernel has said that it knows none.</summary>
    public abstract bool MayHaveExtension { get; set; }

    /// <summary><c>setsockopt()</c>; 0 or the error.</summary>
    public abstract int Set(TcpSocketOption option, ReadOnlySpan<byte> value);

    /// <summary><c>getsockopt()</c> with a value that is read as well; 0 or the error.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">The memory.</param>
    /// <param name="length">What the kernel is told of its length: for TCP_AO_GET_KEYS that of one record.</param>
    public abstract int Get(TcpSocketOption option, Span<byte> value, int length);
}
