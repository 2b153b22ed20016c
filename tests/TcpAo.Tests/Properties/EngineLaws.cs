using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Tests.Wire;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Properties;

/// <summary>Laws of signing and verifying, for any key, connection and segment. A failure prints the seed.</summary>
public sealed class EngineLaws
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(150);

    private static readonly Gen<Sample> s_samples =
        from algorithm in Gen.Elements(KeyBoth.AoAlgorithms.ToArray())
        from macLength in Gen.Choose(4, 16)
        from includeOptions in Gen.Elements(true, false)
        from isIPv6 in Gen.Elements(true, false)
        from nat in Gen.Elements(NatSides.None, NatSides.None, NatSides.Local, NatSides.Remote, NatSides.Local | NatSides.Remote)
        from isns in Gen.Two(Gen.Elements(0u, 1u, 0x7FFF_FFF0u, 0xFFFF_FF00u, uint.MaxValue))
        from offset in Gen.Choose(0, 1000)
        from ids in Gen.Two(Gen.Choose(0, 255))
        from flags in Gen.Elements(TcpFlags.Ack, TcpFlags.Ack | TcpFlags.Psh, TcpFlags.Fin | TcpFlags.Ack, TcpFlags.Rst, TcpFlags.Ack | TcpFlags.Urg | TcpFlags.Ece)
        from payload in ArbMap.Default.GeneratorFor<byte[]>()
        from window in Gen.Choose(0, 65535)
        select new Sample(algorithm, macLength, includeOptions, isIPv6, nat, isns.Item1, isns.Item2, (uint)offset, ((byte)ids.Item1, (byte)ids.Item2), flags, payload ?? [], (ushort)window);

    [Fact]
    [Trait("Requirement", "R-015")]
    [Trait("Requirement", "R-039")]
    public void Segment_Signed_IsTaken() => Check.One(s_config, Prop.ForAll(s_samples.ToArbitrary(), sample =>
    {
        Duo duo = sample.Open();
        byte[] signed = duo.Client.SendSigned(sample.Segment(duo));
        duo.Server.MustTake(signed);
        duo.Server.MustTake(signed);
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(sample.Offset, 5)));
    }));

    [Fact]
    [Trait("Requirement", "R-013")]
    [Trait("Requirement", "R-028")]
    [Trait("Requirement", "R-061")]
    [Trait("Requirement", "R-074")]
    public void Segment_AnyBitOfTheMacInputFlipped_IsRefused() => Check.One(s_config.WithMaxTest(60), Prop.ForAll(s_samples.ToArbitrary(), sample =>
    {
        Duo duo = sample.Open();
        byte[] signed = duo.Client.SendSigned(sample.Segment(duo));
        TcpPacket.TryParse(signed, out TcpPacket packet);
        SavedConnection before = duo.Server.Connection.Save();
        int connections = duo.Server.Engine.Connections.Count();
        for (int at = 0; at < signed.Length; at++)
        {
            if (!sample.IsCovered(at, packet))
            {
                continue;
            }

            for (int bit = 0; bit < 8; bit++)
            {
                byte[] flipped = [.. signed];
                flipped[at] ^= (byte)(1 << bit);
                Assert.Equal(AoVerdict.Drop, duo.Server.Receive(flipped).Verdict);
            }
        }

        Assert.Equal(before, duo.Server.Connection.Save());
        Assert.Equal(connections, duo.Server.Engine.Connections.Count());
        duo.Server.MustTake(signed);
    }));

    [Fact]
    [Trait("Requirement", "R-048")]
    public void Segment_OfAnotherCycle_IsRefused() => Check.One(s_config, Prop.ForAll(s_samples.ToArbitrary(), sample =>
    {
        Duo duo = sample.Open();
        byte[] signed = duo.Client.SendSigned(sample.Segment(duo));
        duo.Server.Restart(saved => saved with { ReceiveSne = saved.ReceiveSne + 1 });
        duo.Server.MustRefuse(signed, DropReason.MacMismatch);
    }));

    [Fact]
    [Trait("Requirement", "R-090")]
    public void Connection_SavedAndRestored_DecidesTheSame() => Check.One(s_config, Prop.ForAll(s_samples.ToArbitrary(), sample =>
    {
        Duo one = sample.Open();
        Duo two = sample.Open();
        two.Client.Restart();
        two.Server.Restart();
        Assert.Equal(one.Server.Connection.Save(), two.Server.Connection.Save());
        TestSegment segment = sample.Segment(one);
        byte[] signed = one.Client.SendSigned(segment);
        Assert.Equal(signed, two.Client.SendSigned(segment));
        byte[] flipped = [.. signed];
        flipped[^1] ^= 1;
        foreach (byte[] packet in new[] { signed, flipped, segment.ToPacket(), one.Syn.ToPacket() })
        {
            Assert.Equal(one.Server.Receive(packet), two.Server.Receive(packet));
            Assert.Equal(one.Server.Connection.Save(), two.Server.Connection.Save());
        }
    }));

    [Fact]
    public void Bytes_Any_NeverThrowInEitherDirection()
    {
        byte[][] real = Packets.Real();
        Gen<(byte[] Packet, int Cut, int At, byte Value)> mutated =
            from packet in Gen.Elements(real)
            from cut in Gen.Choose(0, packet.Length)
            from at in Gen.Choose(0, packet.Length - 1)
            from value in ArbMap.Default.GeneratorFor<byte>()
            select (packet, cut, at, value);
        KeyBoth key = KeyBoth.Of();
        var ends = Enum.GetValues<PeerMode>().Select(mode => new EngineEnd(Duo.IPv4, TestSource.Of(mode, key.Client))).ToArray();
        Check.One(s_config.WithMaxTest(2000), Prop.ForAll(mutated.ToArbitrary(), m =>
        {
            byte[] bytes = [.. m.Packet];
            bytes[m.At] = m.Value;
            foreach (EngineEnd end in ends)
            {
                foreach (int length in new[] { bytes.Length, m.Cut })
                {
                    end.Receive(bytes[..length]);
                    byte[] buffer = Packets.WithRoom(bytes[..length], AoEngine.MaxGrowth);
                    end.Engine.ProcessOutbound(buffer, length, new SegmentContext(end.Time));
                    end.Engine.ProcessOutbound(bytes.AsSpan(0, length), length, new SegmentContext(end.Time));
                }
            }
        }));
    }

    public sealed record Sample(
        MacAlgorithm Algorithm,
        int MacLength,
        bool IncludeOptions,
        bool IsIPv6,
        NatSides Nat,
        uint ClientIsn,
        uint ServerIsn,
        uint Offset,
        (byte Client, byte Server) Ids,
        TcpFlags Flags,
        byte[] Payload,
        ushort Window)
    {
        internal Duo Open()
        {
            KeyBoth key = KeyBoth.Of(Ids.Client, Ids.Server, Algorithm, macLength: MacLength, includeTcpOptions: IncludeOptions);
            NatSides mirrored = ((Nat & NatSides.Local) != NatSides.None ? NatSides.Remote : NatSides.None)
                | ((Nat & NatSides.Remote) != NatSides.None ? NatSides.Local : NatSides.None);
            return new Duo(Source(key.Client, Nat), Source(key.Server, mirrored), IsIPv6 ? Duo.IPv6 : Duo.IPv4)
            {
                ClientIsn = ClientIsn,
                ServerIsn = ServerIsn,
            }.Open();
        }

        internal TestSegment Segment(Duo duo) => duo.FromClient(Offset, 0, Flags) with
        {
            Payload = Payload,
            Window = Window,
            Urgent = (Flags & TcpFlags.Urg) != TcpFlags.None ? (ushort)7 : (ushort)0,
        };

        /// <summary>
        /// Whether the byte is part of the MAC's input or of the option; the rest of the IP header, the checksum and, where they are excluded, other
        /// options are not. Lengths and next header are read, not compared: another value makes another packet.
        /// </summary>
        internal bool IsCovered(int at, in TcpPacket packet)
        {
            int tcp = at - packet.TcpOffset;
            if (tcp < 0)
            {
                return IsIPv6 ? at >= 8 : at >= 12;
            }

            return tcp is not (16 or 17)
                && (tcp < 20 || IncludeOptions || tcp >= packet.TcpHeaderLength || (tcp >= packet.AoOffset && tcp < packet.AoOffset + packet.AoLength));
        }

        private static TestSource Source(AoKey key, NatSides nat) => new(new ConnectionPolicy("peer", new KeyRing(key)) { Nat = nat });
    }
}
