using System.Net;
using FsCheck;
using FsCheck.Fluent;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Tests.Uapi;

/// <summary>Linux' structures as bytes: those of a C program, which wrote <c>samples.txt</c> with the declarations of <c>structures.c</c>.</summary>
public sealed class StructureTests
{
    private static readonly Dictionary<string, byte[]> s_samples = Repository.Read("tests/TcpAo.Tests/Uapi/samples.txt")
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .ToDictionary(line => line.Split(' ')[0], line => Convert.FromHexString(line.Split(' ')[1]), StringComparer.Ordinal);

    [Fact]
    public void Add_AsCWroteIt_IsReadAndWritten()
    {
        byte[] bytes = new byte[TcpAoAdd.Size];
        _ = new TcpAoAdd(bytes)
        {
            Address = Address("192.0.2.1"),
            AlgorithmName = "cmac(aes128)",
            InterfaceIndex = 7,
            SetRNext = true,
            PrefixLength = 32,
            SendId = 100,
            ReceiveId = 101,
            MacLength = 12,
            KeyFlags = AoKeyFlags.InterfaceIndex | AoKeyFlags.ExcludeOptions,
            KeyLength = 4,
        };
        "abcd"u8.CopyTo(new TcpAoAdd(bytes).Key);
        Assert.Equal(s_samples["add"], bytes);
        var read = new TcpAoAdd(bytes);
        Assert.Equal((Address("192.0.2.1"), "cmac(aes128)", 7), (read.Address, read.AlgorithmName, read.InterfaceIndex));
        Assert.Equal((false, true, false), (read.SetCurrent, read.SetRNext, read.HasReserved));
        Assert.Equal((32, 100, 101, 12, 3, 4), (read.PrefixLength, read.SendId, read.ReceiveId, read.MacLength, (int)read.KeyFlags, read.KeyLength));
        Assert.Equal("abcd"u8, read.Key);
    }

    [Fact]
    public void Del_AsCWroteIt_IsReadAndWritten()
    {
        byte[] bytes = new byte[TcpAoDel.Size];
        _ = new TcpAoDel(bytes)
        {
            Address = Address("2001::9"),
            InterfaceIndex = -2,
            SetCurrent = true,
            Async = true,
            PrefixLength = 128,
            SendId = 1,
            ReceiveId = 2,
            CurrentKey = 3,
            RNext = 4,
            KeyFlags = AoKeyFlags.InterfaceIndex,
        };
        Assert.Equal(s_samples["del"], bytes);
        var read = new TcpAoDel(bytes);
        Assert.Equal((Address("2001::9"), -2, true, false, true), (read.Address, read.InterfaceIndex, read.SetCurrent, read.SetRNext, read.Async));
        Assert.Equal((128, 1, 2, 3, 4, 1), (read.PrefixLength, read.SendId, read.ReceiveId, read.CurrentKey, read.RNext, (int)read.KeyFlags));
    }

    [Fact]
    public void Info_AsCWroteIt_IsReadAndWritten()
    {
        byte[] bytes = new byte[TcpAoInfoOption.Size];
        _ = new TcpAoInfoOption(bytes)
        {
            AoRequired = true,
            AcceptIcmps = true,
            SetCounters = true,
            CurrentKey = 5,
            RNext = 6,
            Good = 0x1122_3344_5566_7788,
            Bad = 2,
            KeyNotFound = 3,
            Required = 4,
            DroppedIcmps = 5,
        };
        Assert.Equal(s_samples["info"], bytes);
        var read = new TcpAoInfoOption(bytes);
        Assert.Equal((false, false, true, true, true), (read.SetCurrent, read.SetRNext, read.AoRequired, read.SetCounters, read.AcceptIcmps));
        Assert.Equal((5, 6, 0x1122_3344_5566_7788ul, 2ul, 3ul, 4ul, 5ul), (read.CurrentKey, read.RNext, read.Good, read.Bad, read.KeyNotFound, read.Required, read.DroppedIcmps));
    }

    [Fact]
    public void GetKeysRecord_AsCWroteIt_IsReadAndWritten()
    {
        byte[] bytes = new byte[TcpAoGetSockOpt.Size];
        var record = new TcpAoGetSockOpt(bytes)
        {
            Address = Address("192.0.2.1"),
            AlgorithmName = "hmac(sha1)",
            KeyLength = 2,
            KeyCount = 9,
            IsCurrent = true,
            GetAll = true,
            SendId = 1,
            ReceiveId = 2,
            PrefixLength = 24,
            MacLength = 16,
            KeyFlags = AoKeyFlags.InterfaceIndex,
            InterfaceIndex = 12,
            Good = 77,
            Bad = 88,
        };
        "xy"u8.CopyTo(record.Key);
        Assert.Equal(s_samples["get"], bytes);
        Assert.Equal((9u, true, false, true, 24, 16, 12, 77ul, 88ul), (record.KeyCount, record.IsCurrent, record.IsRNext, record.GetAll, record.PrefixLength, record.MacLength, record.InterfaceIndex, record.Good, record.Bad));
    }

    [Fact]
    public void RepairAndMd5_AsCWroteThem_AreReadAndWritten()
    {
        byte[] repair = new byte[TcpAoRepairOption.Size];
        _ = new TcpAoRepairOption(repair) { SendIsn = 0x0102_0304, ReceiveIsn = 0x0506_0708, SendSne = 9, ReceiveSne = 10 };
        Assert.Equal(s_samples["repair"], repair);

        byte[] md5 = new byte[TcpMd5Sig.Size];
        var sig = new TcpMd5Sig(md5) { Address = Address("192.0.2.1"), Flags = 3, PrefixLength = 24, KeyLength = 3, InterfaceIndex = 5 };
        "md5"u8.CopyTo(sig.Key);
        Assert.Equal(s_samples["md5"], md5);
    }

    [Fact]
    public void Views_OfTooFewBytes_Throw()
    {
        Assert.Throws<ArgumentException>(() => new TcpAoAdd(new byte[TcpAoAdd.Size - 1]));
        Assert.Throws<ArgumentException>(() => new TcpAoDel(new byte[TcpAoDel.Size - 1]));
        Assert.Throws<ArgumentException>(() => new TcpAoInfoOption(new byte[TcpAoInfoOption.Size - 1]));
        Assert.Throws<ArgumentException>(() => new TcpAoGetSockOpt(new byte[TcpAoGetSockOpt.Size - 1]));
        Assert.Throws<ArgumentException>(() => new TcpAoRepairOption(new byte[TcpAoRepairOption.Size - 1]));
        Assert.Throws<ArgumentException>(() => new TcpMd5Sig(new byte[TcpMd5Sig.Size - 1]));
        Assert.Throws<ArgumentException>(() => Address("::1").Write(new byte[27]));
        Assert.Throws<ArgumentException>(() => new TcpAoAdd(new byte[TcpAoAdd.Size]) { AlgorithmName = new string('x', 64) });
    }

    [Fact]
    public void SockAddr_ReadFromEveryLength_SaysWhetherItIsThere()
    {
        byte[] bytes = new byte[SockAddr.StorageSize];
        new SockAddr(SocketFamily.Inet6, IpAddressBits.From(IPAddress.Parse("fe80::1")), 179, 0x000A_BCDE, 3).Write(bytes);
        for (int length = 0; length <= bytes.Length; length++)
        {
            Assert.Equal(length >= 28, SockAddr.TryRead(bytes.AsSpan(0, length), out SockAddr address));
            Assert.Equal(length >= 28 ? 3u : 0u, address.ScopeId);
        }

        Address("192.0.2.1").Write(bytes);
        Assert.False(SockAddr.TryRead(bytes.AsSpan(0, 15), out _));
        Assert.True(SockAddr.TryRead(bytes.AsSpan(0, 16), out SockAddr ipv4));
        Assert.Equal("192.0.2.1", ipv4.Address.ToString());
        Assert.True(SockAddr.TryRead([1, 0], out SockAddr unix));
        Assert.Equal((SocketFamily)1, unix.Family);
    }

    [Fact]
    public void SockAddr_AnyOne_IsReadBack() => Check.One(
        Config.QuickThrowOnFailure,
        Prop.ForAll(
            (from isIPv6 in Gen.Elements(true, false)
             from bytes in Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>(), 16)
             from numbers in Gen.Three(Gen.Choose(0, 65535))
             select (isIPv6, bytes, numbers)).ToArbitrary(),
            sample =>
            {
                SockAddr address = sample.isIPv6
                    ? new SockAddr(SocketFamily.Inet6, IpAddressBits.FromBytes(sample.bytes), (ushort)sample.numbers.Item1, (uint)sample.numbers.Item2, (uint)sample.numbers.Item3)
                    : new SockAddr(SocketFamily.Inet, IpAddressBits.FromBytes(sample.bytes.AsSpan(0, 4)), (ushort)sample.numbers.Item1);
                byte[] bytes = new byte[SockAddr.StorageSize];
                address.Write(bytes);
                return SockAddr.TryRead(bytes, out SockAddr read) && read == address;
            }));

    private static SockAddr Address(string text) => SockAddr.Of(IpAddressBits.From(IPAddress.Parse(text)));
}
