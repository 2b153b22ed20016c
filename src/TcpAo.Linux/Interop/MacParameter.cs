using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>OSSL_PARAM of openssl/core.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MacParameter
{
    /// <summary>OSSL_PARAM_UTF8_STRING.</summary>
    public const uint Text = 4;

    public byte* Key;
    public uint Type;
    public void* Data;
    public nuint Size;
    public nuint Written;
}
