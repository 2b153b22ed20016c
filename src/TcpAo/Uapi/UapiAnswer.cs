using System.Collections.Immutable;
using System.Security.Cryptography;

namespace TcpAo.Uapi;

/// <summary>What a call answers, and what is to be done for it.</summary>
/// <param name="Errno">The error, or <see cref="LinuxErrno.None"/>.</param>
public readonly record struct UapiAnswer(LinuxErrno Errno)
{
    private readonly ImmutableArray<UapiWrite> _writes;

    /// <summary>What to write into the caller's memory, in this order; where that fails the answer is EFAULT. Empty after an error.</summary>
    public ImmutableArray<UapiWrite> Writes
    {
        get => _writes.IsDefault ? [] : _writes;
        init => _writes = value;
    }

    /// <summary>What to store as the option's length; null when it stays as it is.</summary>
    public int? Length { get; init; }

    /// <summary>
    /// The kernel is to do the call on the socket, and its answer is the answer; <see cref="AoSocket.CompleteMd5"/> is told.
    /// </summary>
    public bool ToKernel { get; init; }

    /// <summary>Keys or rules of the socket are others: <see cref="AoEngine.UseKeys"/> has connections that are being opened see them.</summary>
    public bool KeysChanged { get; init; }

    /// <summary>Erases what <see cref="Writes"/> holds.</summary>
    public void Erase()
    {
        foreach (UapiWrite write in Writes)
        {
            CryptographicOperations.ZeroMemory(write.Bytes);
        }
    }
}
