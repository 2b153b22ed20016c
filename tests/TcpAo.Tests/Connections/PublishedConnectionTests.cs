using System.Globalization;
using System.Text.Json;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Tests.Wire;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>The packets of RFC 9235 and of a Linux kernel through the whole engine, in both directions.</summary>
public sealed class PublishedConnectionTests
{
    public static TheoryData<string> Linux => [.. Packets.Vectors("linux-kernel-7.2.json").Select(Connection).Distinct(StringComparer.Ordinal)];

    [Theory]
    [InlineData("rfc9235.json", 32)]
    [InlineData("linux-kernel-7.2.json", 123)]
    [Trait("Requirement", "R-028")]
    [Trait("Requirement", "R-036")]
    [Trait("Requirement", "R-113")]
    public void Packet_Published_VerifiesAndIsSignedTheSame(string file, int count)
    {
        JsonElement[] vectors = Packets.Vectors(file);
        Assert.Equal(count, vectors.Length);
        int compared = 0;
        foreach (JsonElement vector in vectors)
        {
            byte[] bytes = Packets.Hex(vector);
            AoKey key = KeyOf(vector, fromSender: true);
            TcpPacket.TryParse(bytes, out TcpPacket packet);
            var flow = SegmentFlow.Outbound(PairOf(packet), NatSides.None);
            (uint source, uint destination) = IsnsOf(vector);
            SegmentMac.Derive(key, flow, source, destination, out TrafficKey trafficKey);
            Assert.True(SegmentMac.Verify(key, in trafficKey, packet, flow, sne: 0));
            Assert.False(SegmentMac.Verify(key, in trafficKey, packet, flow, sne: 1));
            Assert.False(SegmentMac.Verify(key, in trafficKey, packet, flow.Reversed, sne: 0));

            // taken off and put on again: the same where TCP-AO was the first option, as Linux has it, or the others do not count
            byte[] again = Packets.WithRoom(bytes);
            int length = bytes.Length;
            Assert.Equal(DropReason.None, TcpPacketEditor.RemoveOption(again, ref length, TcpOptionKind.TcpAo));
            Assert.Equal(DropReason.None, TcpPacketEditor.InsertAo(again, ref length, key.MacLength, key.SendId, key.RecvId, out int aoOffset));
            TcpPacket.TryParse(again.AsSpan(0, length), out TcpPacket resigned);
            bool isSame = again.AsSpan(resigned.TcpOffset + 20, 4).SequenceEqual(bytes.AsSpan(packet.TcpOffset + 20, 4));
            if (isSame || !key.IncludeTcpOptions)
            {
                byte[] mac = new byte[key.MacLength];
                SegmentMac.Compute(key, in trafficKey, resigned, flow, sne: 0, mac);
                Assert.Equal(Text(vector, "mac_hex"), Convert.ToHexStringLower(mac));
                Assert.Equal(aoOffset, resigned.TcpOffset + resigned.AoOffset);
                compared++;
            }
        }

        Assert.Equal(string.Equals(file, "rfc9235.json", StringComparison.Ordinal) ? 16 : count, compared);
    }

    [Theory]
    [MemberData(nameof(Linux))]
    [Trait("Requirement", "R-034")]
    [Trait("Requirement", "R-132")]
    public void Connection_OfALinuxKernel_IsFollowedByTwoEngines(string connection) =>
        Follow([.. Packets.Vectors("linux-kernel-7.2.json").Where(v => string.Equals(Connection(v), connection, StringComparison.Ordinal))]);

    [Fact]
    [Trait("Requirement", "R-113")]
    public void Connections_OfRfc9235_AreFollowedByTwoEngines()
    {
        foreach (JsonElement[] four in Packets.Vectors("rfc9235.json").Chunk(4))
        {
            Follow(four);
        }
    }

    /// <summary>One engine stands before the sender and sees the unsigned packet, the other before the receiver and sees the published one.</summary>
    private static void Follow(JsonElement[] vectors)
    {
        byte[] first = Packets.Hex(vectors[0]);
        TcpPacket.TryParse(first, out TcpPacket syn);
        SocketPair pair = PairOf(syn);
        var client = new EngineEnd(pair, TestSource.Of(KeyOf(vectors[0], fromSender: true)));
        var server = new EngineEnd(pair.Reversed, TestSource.Of(KeyOf(vectors[0], fromSender: false)));
        foreach (JsonElement vector in vectors)
        {
            byte[] published = Packets.Hex(vector);
            TcpPacket.TryParse(published, out TcpPacket packet);
            bool isFromClient = PairOf(packet) == pair;
            EngineEnd sender = isFromClient ? client : server;
            EngineEnd receiver = isFromClient ? server : client;
            byte[] unsigned = [.. published];
            int length = unsigned.Length;
            TcpPacketEditor.RemoveOption(unsigned, ref length, TcpOptionKind.TcpAo);
            unsigned = unsigned[..length];
            Packets.FixChecksums(unsigned);

            byte[]? signed = sender.Send(unsigned);
            Assert.Equal(EngineEnd.Ids(published), EngineEnd.Ids(signed));
            TcpPacket.TryParse(signed!, out TcpPacket ours);
            if (ours.AoOffset == packet.AoOffset && ours.Options.Length == packet.Options.Length)
            {
                Assert.Equal(Text(vector, "mac_hex"), Convert.ToHexStringLower(ours.Mac));
            }

            receiver.MustTake(published);
        }

        Assert.Equal((ulong)vectors.Length, client.Engine.Counters.Good + server.Engine.Counters.Good);
        Assert.Equal(ConnectionState.Synchronized, client.Connection.State);
    }

    private static AoKey KeyOf(JsonElement vector, bool fromSender)
    {
        string name = Text(vector, "algorithm");
        MacAlgorithm algorithm = name switch
        {
            "sha1" or "HMAC-SHA-1-96" => MacAlgorithms.HmacSha1,
            "sha256" => MacAlgorithms.HmacSha256,
            _ => MacAlgorithms.AesCmac,
        };
        byte keyId = vector.GetProperty("key_id").GetByte();
        byte rnextKeyId = vector.GetProperty("rnext_key_id").GetByte();
        return new AoKey(
            "vector",
            fromSender ? keyId : rnextKeyId,
            fromSender ? rnextKeyId : keyId,
            algorithm,
            Secret.FromHex(Text(vector, "master_key_hex")),
            vector.GetProperty("mac_length").GetInt32(),
            vector.GetProperty("include_options").GetBoolean());
    }

    private static (uint Source, uint Destination) IsnsOf(JsonElement vector) => vector.TryGetProperty("source_isn", out _)
        ? (Number(vector, "source_isn"), Number(vector, "dest_isn"))
        : (Number(vector, "kdf_source_isn"), Number(vector, "kdf_dest_isn"));

    private static SocketPair PairOf(in TcpPacket packet) => new(
        IpAddressBits.FromBytes(packet.SourceAddress), IpAddressBits.FromBytes(packet.DestinationAddress), packet.SourcePort, packet.DestinationPort);

    private static string Connection(JsonElement vector) => Text(vector, "connection");

    private static string Text(JsonElement vector, string name) => vector.GetProperty(name).GetString()!;

    private static uint Number(JsonElement vector, string name) => uint.Parse(Text(vector, name).AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
