// linux/tcp.h, linux/in.h, linux/in6.h: where the fields stand. One table for 32-bit and 64-bit programs: the structures are aligned to eight bytes
// and laid out so that both agree. tests/TcpAo.Tests/Uapi/LayoutTests.cs has a C compiler confirm every number for both.

namespace TcpAo.Uapi;

/// <summary>
/// Offsets and sizes in bytes. A nested class is a structure, a constant a field of it; bit-fields stand under <c>Bits</c>. Byte order is the
/// little-endian one of every architecture that .NET runs on under Linux but s390x, which is not supported.
/// </summary>
internal static class UapiLayout
{
    public const int StorageSize = 128;
    public const int AlgorithmNameSize = 64;
    public const int KeySize = 80;

    public static class SockaddrIn
    {
        public const int Size = 16;
        public const int SinFamily = 0;
        public const int SinPort = 2;
        public const int SinAddr = 4;
    }

    public static class SockaddrIn6
    {
        public const int Size = 28;
        public const int Sin6Family = 0;
        public const int Sin6Port = 2;
        public const int Sin6Flowinfo = 4;
        public const int Sin6Addr = 8;
        public const int Sin6ScopeId = 24;
    }

    public static class TcpAoAdd
    {
        public const int Size = 288;
        public const int Addr = 0;
        public const int AlgName = 128;
        public const int Ifindex = 192;
        public const int Bits = 196;
        public const int Reserved2 = 200;
        public const int Prefix = 202;
        public const int Sndid = 203;
        public const int Rcvid = 204;
        public const int Maclen = 205;
        public const int Keyflags = 206;
        public const int Keylen = 207;
        public const int Key = 208;
    }

    public static class TcpAoDel
    {
        public const int Size = 144;
        public const int Addr = 0;
        public const int Ifindex = 128;
        public const int Bits = 132;
        public const int Reserved2 = 136;
        public const int Prefix = 138;
        public const int Sndid = 139;
        public const int Rcvid = 140;
        public const int CurrentKey = 141;
        public const int Rnext = 142;
        public const int Keyflags = 143;
    }

    public static class TcpAoInfoOpt
    {
        public const int Size = 48;
        public const int Bits = 0;
        public const int Reserved2 = 4;
        public const int CurrentKey = 6;
        public const int Rnext = 7;
        public const int PktGood = 8;
        public const int PktBad = 16;
        public const int PktKeyNotFound = 24;
        public const int PktAoRequired = 32;
        public const int PktDroppedIcmp = 40;
    }

    public static class TcpAoGetsockopt
    {
        public const int Size = 304;
        public const int Addr = 0;
        public const int AlgName = 128;
        public const int Key = 192;
        public const int Nkeys = 272;
        public const int Bits = 276;
        public const int Sndid = 278;
        public const int Rcvid = 279;
        public const int Prefix = 280;
        public const int Maclen = 281;
        public const int Keyflags = 282;
        public const int Keylen = 283;
        public const int Ifindex = 284;
        public const int PktGood = 288;
        public const int PktBad = 296;
    }

    public static class TcpAoRepair
    {
        public const int Size = 16;
        public const int SntIsn = 0;
        public const int RcvIsn = 4;
        public const int SndSne = 8;
        public const int RcvSne = 12;
    }

    public static class TcpMd5sig
    {
        public const int Size = 216;
        public const int TcpmAddr = 0;
        public const int TcpmFlags = 128;
        public const int TcpmPrefixlen = 129;
        public const int TcpmKeylen = 130;
        public const int TcpmIfindex = 132;
        public const int TcpmKey = 136;
    }
}
