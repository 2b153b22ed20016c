using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using TcpAo.Tests.Wire;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Properties;

/// <summary>Laws of the wire room. A failure prints the seed and the shrunk input.</summary>
public sealed class WireLaws
{
    private static readonly Config s_many = Config.QuickThrowOnFailure.WithMaxTest(2000);

    [Fact]
    public void Bytes_Random_NeverThrow() =>
        Check.One(s_many, Prop.ForAll<byte[]>(bytes =>
        {
            ReadAndEdit(bytes);
            if (bytes.Length > 0)
            {
                bytes[0] = (byte)(((bytes[0] & 1) == 0 ? 0x40 : 0x60) | (bytes[0] >> 4)); // let more of them pass the version
                ReadAndEdit(bytes);
            }
        }));

    [Fact]
    public void Packets_RealAndMutated_NeverThrow()
    {
        byte[][] real = Packets.Real();
        Gen<byte[]> mutated =
            from packet in Gen.Elements(real)
            from places in ArbMap.Default.GeneratorFor<ushort[]>()
            from values in Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>(), places.Length)
            select Mutate(packet, places, values);
        Check.One(s_many, Prop.ForAll(mutated.ToArbitrary(), ReadAndEdit));
    }

    [Fact]
    public void Packets_RealAndCutAnywhere_NeverThrow()
    {
        foreach (byte[] packet in Packets.Real())
        {
            for (int length = 0; length <= packet.Length; length++)
            {
                ReadAndEdit(packet[..length]);
            }
        }
    }

    [Fact]
    public void Segment_EmittedAndParsed_IsTheSame() =>
        Check.One(s_many, Prop.ForAll(Samples().ToArbitrary(), sample =>
        {
            byte[] bytes = sample.Packet();
            Packets.AssertSound(bytes);
            TcpPacket.TryParse(bytes, out TcpPacket packet);
            Assert.Equal(sample.Payload, packet.Payload.ToArray());
            Assert.Equal(sample.Flags, packet.Flags);
            Assert.Equal(sample.IsIPv6, packet.IsIPv6);
            Assert.Equal(sample.Options, packet.Options[..sample.Options.Length].ToArray());
        }));

    [Fact]
    public void Sum_OfAnyBytes_IsTheNaiveOne() =>
        Check.One(s_many, Prop.ForAll<byte[], byte[], byte[]>((a, b, c) =>
        {
            byte[] data = [.. a, .. b, .. c, .. a, .. b, .. c];
            for (int start = 0; start <= Math.Min(data.Length, 9); start++)
            {
                Assert.Equal(Packets.NaiveSum(data.AsSpan(start)), InternetChecksum.Sum(data.AsSpan(start)));
            }

            int even = a.Length & ~1;
            Assert.Equal(InternetChecksum.Sum(data), InternetChecksum.Sum(data.AsSpan(even), InternetChecksum.Sum(data.AsSpan(0, even))));
        }));

    [Fact]
    public void Checksum_Updated_IsTheFullOne() =>
        Check.One(s_many, Prop.ForAll<byte[], ushort, ushort>((rest, oldWord, newWord) =>
        {
            byte[] data = [0x45, 0, 0, 0, .. rest];
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), oldWord);
            ushort before = InternetChecksum.Compute(data);
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), newWord);
            Assert.Equal(InternetChecksum.Compute(data), InternetChecksum.Update(before, oldWord, newWord));
        }));

    [Fact]
    public void Segment_AfterAnyEdit_KeepsARightChecksum() =>
        Check.One(s_many, Prop.ForAll(Samples().ToArbitrary(), sample =>
        {
            byte[] original = sample.Packet();
            byte[] buffer = Packets.WithRoom(original);
            int length = original.Length;
            if (TcpPacketEditor.InsertAo(buffer, ref length, sample.MacLength, 3, 4, out int aoOffset) == DropReason.None)
            {
                Packets.AssertSound(buffer.AsSpan(0, length));
                Packets.AoOption(sample.MacLength)[4..].CopyTo(buffer, aoOffset + 4);
                Assert.Equal(DropReason.None, TcpPacketEditor.FinishChecksum(buffer, length));
                Packets.AssertSound(buffer.AsSpan(0, length));
            }

            foreach (TcpOptionKind kind in Enum.GetValues<TcpOptionKind>().Where(kind => kind > TcpOptionKind.NoOperation))
            {
                byte[] blanked = buffer[..length];
                Assert.Equal(DropReason.None, TcpPacketEditor.BlankOption(blanked, length, kind));
                Packets.AssertSound(blanked);
                TcpPacketEditor.SetMss(buffer, length, (ushort)(sample.MacLength * 1999));
                Packets.AssertSound(buffer.AsSpan(0, length));
                Assert.Equal(DropReason.None, TcpPacketEditor.RemoveOption(buffer, ref length, kind));
                Packets.AssertSound(buffer.AsSpan(0, length));
            }

            DropReason reason = TcpPacketEditor.InsertMd5(buffer, ref length, out int md5Offset);
            Assert.Equal(reason == DropReason.None, md5Offset != 0);
            Assert.True(reason is DropReason.None or DropReason.OptionSpace); // options of unknown kinds stay
            Packets.AssertSound(buffer.AsSpan(0, length));
            TcpPacket.TryParse(buffer.AsSpan(0, length), out TcpPacket packet);
            Assert.Equal(sample.Payload, packet.Payload.ToArray());
        }));

    [Fact]
    public void Segment_WithAoInsertedAndRemoved_IsTheSame() =>
        Check.One(s_many, Prop.ForAll(Samples().ToArbitrary(), sample =>
        {
            byte[] original = sample.Packet();
            byte[] buffer = Packets.WithRoom(original);
            int length = original.Length;
            int grown = original.Length + ((4 + sample.MacLength + 3) & ~3);
            DropReason reason = TcpPacketEditor.InsertAo(buffer, ref length, sample.MacLength, 3, 4, out _);
            if (reason != DropReason.None || length != grown)
            {
                return; // no room, or something was given up for it
            }

            Assert.Equal(DropReason.None, TcpPacketEditor.RemoveOption(buffer, ref length, TcpOptionKind.TcpAo));
            Assert.Equal(original, buffer[..length]);
        }));

    private static byte[] Mutate(byte[] packet, ushort[] places, byte[] values)
    {
        byte[] copy = [.. packet];
        for (int i = 0; i < places.Length; i++)
        {
            // Half of the changes go where headers and options are.
            copy[places[i] % ((i & 1) == 0 ? Math.Min(copy.Length, 80) : copy.Length)] = values[i];
        }

        return copy;
    }

    private static void ReadAndEdit(byte[] bytes)
    {
        foreach (PacketOrigin origin in Enum.GetValues<PacketOrigin>())
        {
            DropReason reason = TcpPacket.TryParse(bytes, out TcpPacket packet, origin);
            TcpPacketTests.Touch(packet);
            InternetChecksum.VerifyTcp(packet);
            Assert.True(reason != DropReason.None || packet.TcpHeaderLength >= 20);
        }

        byte[] buffer = Packets.WithRoom(bytes);
        int length = bytes.Length;
        TcpPacketEditor.InsertAo(buffer, ref length, 12, 1, 2, out _);
        TcpPacketEditor.FinishChecksum(buffer, length);
        TcpPacketEditor.BlankOption(buffer, length, TcpOptionKind.Timestamps);
        TcpPacketEditor.SetMss(buffer, length, 1000);
        TcpPacketEditor.RemoveOption(buffer, ref length, TcpOptionKind.TcpAo);
        TcpPacketEditor.InsertMd5(buffer, ref length, out _);
        TcpPacketEditor.RewriteTcpChecksum(buffer, length);
        TcpOptionEnumerator walk = new(bytes);
        while (walk.MoveNext())
        {
            Assert.NotEqual(TcpOptionKind.EndOfList, walk.Current.Kind);
        }
    }

    private static Gen<Sample> Samples()
    {
        Gen<byte[]> option = Gen.Elements(
            Packets.Mss,
            Packets.Timestamps,
            Packets.PaddedTimestamps,
            [4, 2],
            [1, 3, 3, 7],
            [3, 3, 7],
            [1],
            [1, 1],
            Packets.Sack(1),
            Packets.PaddedSack(2),
            Packets.PaddedSack(3),
            [30, 5, 1, 1, 1],
            [253, 7, 1, 2, 3, 4, 5]);
        return
            from options in option.ArrayOf()
            from padding in Gen.Elements(new byte[] { 0 }, [1])
            from payload in ArbMap.Default.GeneratorFor<byte[]>()
            from flags in Gen.Elements(TcpFlags.Ack, TcpFlags.Syn, TcpFlags.Syn | TcpFlags.Ack, TcpFlags.Rst, TcpFlags.Fin | TcpFlags.Ack)
            from isIPv6 in ArbMap.Default.GeneratorFor<bool>()
            from macLength in Gen.Choose(0, 36)
            select new Sample(Fit(options, padding[0]), payload, flags, isIPv6, macLength);
    }

    private static byte[] Fit(byte[][] options, byte padding)
    {
        byte[] list = [];
        foreach (byte[] option in options)
        {
            if (list.Length + option.Length <= 40)
            {
                list = [.. list, .. option];
            }
        }

        return [.. list, .. Enumerable.Repeat(padding, -list.Length & 3)];
    }

    private sealed record Sample(byte[] Options, byte[] Payload, TcpFlags Flags, bool IsIPv6, int MacLength)
    {
        public byte[] Packet()
        {
            byte[] segment = Packets.Segment(Options, Payload, Flags);
            return IsIPv6 ? Packets.IPv6(segment) : Packets.IPv4(segment);
        }

        public override string ToString() => $"{Convert.ToHexString(Packet())} mac {MacLength}";
    }
}
