using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>
/// A master key: 1 to 80 bytes that never print, compare in fixed time and are erased when disposed.
/// Source: R-104 (text and hex), R-112 (empty keys refused), Linux' TCP_AO_MAXKEYLEN.
/// </summary>
public sealed class Secret : IDisposable
{
    /// <summary>The longest master key, in bytes.</summary>
    public const int MaxLength = 80;

    private readonly byte[] _bytes;

    private Secret(ReadOnlySpan<byte> bytes)
    {
        // pinned, so that the collector leaves no copy behind when it compacts
        _bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
    }

    /// <summary>Bytes in the key, 1 to <see cref="MaxLength"/>.</summary>
    public int Length => _bytes.Length;

    /// <summary>The key itself, for the KDF alone.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Takes a copy of <paramref name="bytes"/>; the caller erases the original.</summary>
    /// <exception cref="ArgumentException">Empty, or longer than <see cref="MaxLength"/>. The message holds no byte of the key.</exception>
    public static Secret FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            throw new ArgumentException("A master key cannot be empty.", nameof(bytes));
        }

        if (bytes.Length > MaxLength)
        {
            throw new ArgumentException($"A master key has at most {MaxLength} bytes; this one has {bytes.Length}.", nameof(bytes));
        }

        return new Secret(bytes);
    }

    /// <summary>Takes what a program set on a socket: Linux accepts an empty key there, and so a program may rely on it.</summary>
    internal static Secret FromSocket(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? new Secret(default) : FromBytes(bytes);

    /// <summary>Takes the UTF-8 bytes of <paramref name="text"/>, without a terminator .</summary>
    /// <exception cref="ArgumentException">Empty, or longer than <see cref="MaxLength"/> bytes.</exception>
    public static Secret FromText(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[System.Text.Encoding.UTF8.GetByteCount(text)];
        try
        {
            System.Text.Encoding.UTF8.GetBytes(text, bytes);
            return FromBytes(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Takes the bytes that the hexadecimal digits of <paramref name="hex"/> spell .</summary>
    /// <exception cref="ArgumentException">Not an even number of hex digits, empty, or longer than <see cref="MaxLength"/> bytes.</exception>
    public static Secret FromHex(ReadOnlySpan<char> hex)
    {
        if (hex.Length % 2 != 0)
        {
            throw new ArgumentException($"A key in hex has an even number of digits; this one has {hex.Length}.", nameof(hex));
        }

        byte[] bytes = new byte[hex.Length / 2];
        try
        {
            if (Convert.FromHexString(hex, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
            {
                throw new ArgumentException("A key in hex has only the digits 0-9 and a-f.", nameof(hex));
            }

            return FromBytes(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>
    /// Copies the key, for those that have to hand it on: wrapped, as a fingerprint, or to the configuration of a peer when somebody explicitly asks for it.
    /// The caller erases the copy.
    /// </summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void CopyTo(Span<byte> destination) => _bytes.CopyTo(destination);

    /// <summary>Whether both hold the same key, without an early exit.</summary>
    public bool FixedTimeEquals(Secret other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);
    }

    /// <summary>Always <c>***</c>.</summary>
    public override string ToString() => "***";

    /// <summary>Erases the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
