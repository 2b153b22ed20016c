using FsCheck;
using FsCheck.Fluent;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Tests.Uapi;

/// <summary>Laws of the socket model, for any sequence of calls and any bytes. A failure prints the seed.</summary>
public sealed class SocketLaws
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(200);
    private static readonly string[] s_peers = [SocketRig.Peer, "192.0.2.7"];
    private static readonly TcpSocketOption[] s_options = [.. Enum.GetValues<TcpSocketOption>(), (TcpSocketOption)19];

    private static readonly Gen<Call> s_calls =
        from kind in Gen.Choose(0, 9)
        from address in Gen.Elements((SocketRig.Peer, 32), ("192.0.2.7", 32), ("192.0.2.0", 24), ("0.0.0.0", 0))
        from ids in Gen.Three(Gen.Choose(1, 4))
        from flags in Gen.Choose(0, 15)
        select new Call(kind, address.Item1, address.Item2, (byte)ids.Item1, (byte)ids.Item2, (byte)ids.Item3, flags);

    [Fact]
    [Requirement("R-018", "R-019", "R-099")]
    public void Calls_InAnySequence_LeaveAUsableSocket() => Check.One(s_config, Prop.ForAll(Gen.ListOf(s_calls).ToArbitrary(), calls =>
    {
        SocketRig rig = new SocketRig().WithVrf();
        foreach (Call call in calls)
        {
            string before = Describe(rig);
            LinuxErrno errno = call.Make(rig);
            Assert.True(Enum.IsDefined(errno));
            if (errno is not LinuxErrno.None and not LinuxErrno.Busy)
            {
                Assert.Equal(before, Describe(rig));
            }

            AssertUsable(rig);
        }
    }));

    [Fact]
    public void Bytes_Any_NeverThrow() => Check.One(s_config.WithMaxTest(3000), Prop.ForAll(
        (from option in Gen.Elements(s_options)
         from bytes in ArbMap.Default.GeneratorFor<byte[]>()
         from fill in Gen.Choose(0, 400)
         from length in Gen.OneOf(Gen.Choose(-5, 400), Gen.Elements(int.MinValue, int.MaxValue, 4096, 5000))
         from state in Gen.Choose(0, 12)
         from flags in Gen.Choose(0, 15)
         select (option, bytes, fill, length, state, flags)).ToArbitrary(),
        sample =>
        {
            SocketRig rig = new((sample.flags & 1) == 0 ? SocketFamily.Inet : SocketFamily.Inet6);
            if ((sample.flags & 2) != 0 && (sample.flags & 1) == 0)
            {
                rig.Add();
            }

            rig.In((TcpState)sample.state).Repair((sample.flags & 4) != 0);
            byte[] value = new byte[sample.fill];
            sample.bytes.AsSpan(0, Math.Min(sample.bytes.Length, value.Length)).CopyTo(value);
            UapiAnswer set = rig.Socket.SetOption(sample.option, value, sample.length, rig.Facts);
            UapiAnswer get = rig.Socket.GetOption(sample.option, value, (sample.flags & 8) != 0 ? null : sample.length, rig.Facts);
            Assert.True(Enum.IsDefined(set.Errno) && Enum.IsDefined(get.Errno));
            Assert.True(set.Writes.IsEmpty && (get.Errno == LinuxErrno.None || get.Writes.IsEmpty));
            get.Erase();
        }));

    [Fact]
    [Requirement("R-056")]
    public void Key_Added_IsGotBack() => Check.One(s_config, Prop.ForAll(
        (from ids in Gen.Two(Gen.Choose(0, 255))
         from prefix in Gen.Choose(1, 32)
         from bytes in Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>(), 4)
         from algorithm in Gen.Elements("hmac(sha1)", "hmac(sha256)")
         from macLength in Gen.Choose(0, 16)
         from key in Gen.Choose(0, 80).SelectMany(n => Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>(), n))
         from excludes in Gen.Elements(true, false)
         select (ids, prefix, bytes, algorithm, macLength, key, excludes)).ToArbitrary(),
        sample =>
        {
            IpAddressBits address = IpAddressBits.FromBytes(sample.bytes) & IpAddressBits.Mask(isIPv4: true, sample.prefix);
            if ((uint)address.Low == 0)
            {
                return;
            }

            var rig = new SocketRig();
            AoKeyFlags flags = sample.excludes ? AoKeyFlags.ExcludeOptions : AoKeyFlags.None;
            LinuxErrno errno = rig.Add(address.ToString(), sample.prefix, (byte)sample.ids.Item1, (byte)sample.ids.Item2, add =>
            {
                add.AlgorithmName = sample.algorithm;
                add.MacLength = (byte)sample.macLength;
                add.KeyFlags = flags;
                add.KeyLength = (byte)sample.key.Length;
                sample.key.CopyTo(add.Key);
            });
            Assert.Equal(LinuxErrno.None, errno);
            byte[] bytes = Assert.Single(rig.Records(filter =>
                (filter.Address, filter.PrefixLength, filter.SendId, filter.ReceiveId) =
                (SocketRig.Address(address.ToString()), (byte)sample.prefix, (byte)sample.ids.Item1, (byte)sample.ids.Item2)));
            var got = new TcpAoGetSockOpt(bytes);
            Assert.Equal((sample.ids.Item1, sample.ids.Item2, sample.prefix, flags), (got.SendId, got.ReceiveId, got.PrefixLength, got.KeyFlags));
            Assert.Equal((sample.algorithm, sample.macLength == 0 ? 12 : sample.macLength), (got.AlgorithmName, got.MacLength));
            Assert.Equal(sample.key, got.Key.ToArray());
            Assert.Equal(address, got.Address.Address);
        }));

    [Fact]
    [Requirement("R-093")]
    public void Info_Set_IsGotBack() => Check.One(s_config, Prop.ForAll(
        (from flags in Gen.Choose(0, 3)
         from counters in Gen.ArrayOf(ArbMap.Default.GeneratorFor<ulong>(), 5)
         select (flags, counters)).ToArbitrary(),
        sample =>
        {
            var rig = new SocketRig();
            Assert.Equal(LinuxErrno.None, rig.Add());
            Assert.Equal(LinuxErrno.None, rig.Info(info =>
            {
                (info.AoRequired, info.AcceptIcmps, info.SetCounters) = ((sample.flags & 1) != 0, (sample.flags & 2) != 0, true);
                (info.Good, info.Bad, info.KeyNotFound, info.Required, info.DroppedIcmps) =
                    (sample.counters[0], sample.counters[1], sample.counters[2], sample.counters[3], sample.counters[4]);
            }));
            UapiWrite write = rig.Get(TcpSocketOption.AoInfo, new byte[TcpAoInfoOption.Size]).Writes.Single();
            var got = new TcpAoInfoOption(write.Bytes);
            Assert.Equal(((sample.flags & 1) != 0, (sample.flags & 2) != 0, false), (got.AoRequired, got.AcceptIcmps, got.SetCounters));
            Assert.Equal(sample.counters, (ulong[])[got.Good, got.Bad, got.KeyNotFound, got.Required, got.DroppedIcmps]);
        }));

    private static string Describe(SocketRig rig) => !rig.Socket.HasAo
        ? $"none {rig.Socket.HasMd5}"
        : $"{string.Join(',', rig.Records(filter => filter.GetAll = true).Select(Convert.ToHexString))} {rig.InUse()} {rig.Socket.AoRequired} {rig.Socket.AcceptIcmps} {rig.Socket.HasMd5}";

    private static void AssertUsable(SocketRig rig)
    {
        AoSocket socket = rig.Socket;
        if (socket.HasAo)
        {
            (int? current, int? rnext) = rig.InUse();
            Assert.Equal(socket.KeyCount, rig.Order().Length);
            Assert.True(current is null || rig.Order().Contains(current.Value));
            Assert.False(socket.AoRequired && socket.HasMd5);
            if (rig.Facts.State == TcpState.Established)
            {
                Assert.NotNull(current);
                Assert.NotNull(rnext);
            }
        }

        foreach (string peer in s_peers)
        {
            SocketPair pair = SocketRig.Pair(peer);
            ConnectionPolicy? policy = socket.Find(pair);
            Assert.Same(policy, socket.Find(pair));
            bool hasKeys = socket.HasAo && rig.Records(filter => filter.GetAll = true).Any(bytes => IsFor(bytes, pair));
            Assert.Equal(hasKeys || socket.AoRequired, policy is { IsMd5: false });
            Assert.True(policy is null || policy.Keys.Keys.Length > 0 || socket.AoRequired);
            Assert.True(policy?.StartCurrentKey is null || policy.Keys.Keys.Contains(policy.StartCurrentKey));
        }
    }

    private static bool IsFor(byte[] bytes, in SocketPair pair)
    {
        var record = new TcpAoGetSockOpt(bytes);
        return (record.InterfaceIndex == 0)
            && (record.PrefixLength == 0 || (pair.Remote & IpAddressBits.Mask(isIPv4: true, record.PrefixLength)) == record.Address.Address);
    }

    /// <summary>One call, from few numbers, so that calls meet one another.</summary>
    private sealed record Call(int Kind, string Address, int Prefix, byte Send, byte Recv, byte Third, int Flags)
    {
        public LinuxErrno Make(SocketRig rig) => Kind switch
        {
            0 or 1 or 2 => rig.Add(Address, Prefix, Send, Recv, add =>
            {
                (add.SetCurrent, add.SetRNext) = (Has(1), Has(2));
                if (Has(4))
                {
                    (add.KeyFlags, add.InterfaceIndex) = (AoKeyFlags.InterfaceIndex, Has(8) ? SocketRig.Vrf : 0);
                }
            }),
            3 or 4 => rig.Del(Address, Prefix, Send, Recv, del =>
            {
                (del.SetCurrent, del.CurrentKey, del.SetRNext, del.RNext, del.Async) = (Has(1), Third, Has(2), Third, Has(4) && Has(8));
            }),
            5 => rig.Info(info =>
            {
                (info.SetCurrent, info.CurrentKey, info.SetRNext, info.RNext) = (Has(1), Send, Has(2), Recv);
                (info.AoRequired, info.AcceptIcmps) = (Has(4) && Has(8), Has(8));
            }),
            6 => rig.Md5(Prefix == 0 ? SocketRig.Peer : Address, Has(1) ? "md5" : "", TcpSocketOption.Md5SigExt, sig => (sig.Flags, sig.PrefixLength) = (1, (byte)Math.Max(Prefix, 8))),
            7 => Connect(rig),
            8 => rig.Facts.State is TcpState.Closed ? To(rig, TcpState.Listen) : LinuxErrno.None,
            _ => To(rig, TcpState.Closed),
        };

        private static LinuxErrno To(SocketRig rig, TcpState state)
        {
            rig.In(state);
            return LinuxErrno.None;
        }

        private LinuxErrno Connect(SocketRig rig)
        {
            if (rig.Facts.State != TcpState.Closed)
            {
                return LinuxErrno.None;
            }

            LinuxErrno errno = rig.Socket.Connect(rig.To(SocketRig.Peer));
            return errno == LinuxErrno.None ? To(rig, TcpState.Established) : errno;
        }

        private bool Has(int flag) => (Flags & flag) != 0;
    }
}
