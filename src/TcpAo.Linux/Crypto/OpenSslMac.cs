// What a program would use that takes its MACs from OpenSSL: EVP_MAC with one context for many messages.
using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Crypto;

/// <summary>A keyed MAC of OpenSSL 3 (EVP_MAC) whose context is used again for every message: the reference of benchmarks. Not thread-safe.</summary>
public sealed unsafe class OpenSslMac : IDisposable
{
    private readonly nint _mac;
    private readonly nint _context;

    private OpenSslMac(nint mac, nint context)
    {
        _mac = mac;
        _context = context;
    }

    /// <summary>A MAC, or null where the machine has no OpenSSL 3 with it.</summary>
    /// <param name="name"><c>HMAC</c> or <c>CMAC</c>.</param>
    /// <param name="parameter"><c>digest</c> or <c>cipher</c>.</param>
    /// <param name="value">Such as <c>SHA1</c> or <c>AES-128-CBC</c>.</param>
    /// <param name="key">The key.</param>
    public static OpenSslMac? TryCreate(string name, string parameter, string value, ReadOnlySpan<byte> key)
    {
        if (!NativeLibrary.TryLoad(Libcrypto.Library, out nint library) || !NativeLibrary.TryGetExport(library, nameof(Libcrypto.EVP_MAC_fetch), out _))
        {
            return null;
        }

        byte[] nameBytes = Terminated(name);
        byte[] parameterBytes = Terminated(parameter);
        byte[] valueBytes = Terminated(value);
        fixed (byte* namePointer = nameBytes, parameterPointer = parameterBytes, valuePointer = valueBytes, keyPointer = key)
        {
            nint mac = Libcrypto.EVP_MAC_fetch(0, namePointer, null);
            nint context = mac == 0 ? 0 : Libcrypto.EVP_MAC_CTX_new(mac);
            var created = new OpenSslMac(mac, context);
            MacParameter* parameters = stackalloc MacParameter[2];
            parameters[0] = new MacParameter { Key = parameterPointer, Type = MacParameter.Text, Data = valuePointer, Size = (nuint)value.Length };
            parameters[1] = default;
            if (context != 0 && Libcrypto.EVP_MAC_init(context, keyPointer, (nuint)key.Length, parameters) == 1)
            {
                return created;
            }

            created.Dispose();
            return null;
        }
    }

    /// <summary>Computes the MAC of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="mac">Receives all of it: 16 bytes or more.</param>
    /// <returns>Bytes written; 0 where OpenSSL refused.</returns>
    public int Compute(ReadOnlySpan<byte> message, Span<byte> mac)
    {
        nuint written = 0;
        fixed (byte* data = message, output = mac)
        {
            return Libcrypto.EVP_MAC_init(_context, null, 0, null) == 1
                && Libcrypto.EVP_MAC_update(_context, data, (nuint)message.Length) == 1
                && Libcrypto.EVP_MAC_final(_context, output, &written, (nuint)mac.Length) == 1
                    ? (int)written
                    : 0;
        }
    }

    /// <summary>Gives the context back.</summary>
    public void Dispose()
    {
        Libcrypto.EVP_MAC_CTX_free(_context);
        Libcrypto.EVP_MAC_free(_mac);
    }

    private static byte[] Terminated(string text) => [.. System.Text.Encoding.ASCII.GetBytes(text), 0];
}
