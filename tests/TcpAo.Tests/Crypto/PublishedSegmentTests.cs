using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using TcpAo.Crypto;
using Xunit;

namespace TcpAo.Tests.Crypto;

/// <summary>RFC 9235's 32 segments, and the same segments under the newer algorithms.</summary>
public sealed class PublishedSegmentTests
{
    [Fact]
    [Requirement("R-105", "R-107", "R-108", "R-111")]
    public void KdfAndMac_Rfc9235Segments_GivePublishedKeysAndMacs()
    {
        JsonElement[] vectors = Load("rfc9235.json");
        Assert.Equal(32, vectors.Length);
        foreach (JsonElement vector in vectors)
        {
            string section = Text(vector, "section");
            MacAlgorithm[] algorithms = string.Equals(Text(vector, "algorithm"), "HMAC-SHA-1-96", StringComparison.Ordinal)
                ? [MacAlgorithms.HmacSha1]
                : [MacAlgorithms.AesCmac, new AesCmacAlgorithm<AesPortable>()];
            foreach (MacAlgorithm algorithm in algorithms)
            {
                byte[] trafficKey = AlgorithmRunner.TrafficKey(algorithm, Hex(vector, "master_key_hex"), Hex(vector, "kdf_context_hex"));
                Assert.Equal($"{section} {Text(vector, "traffic_key_hex")}", $"{section} {Convert.ToHexStringLower(trafficKey)}");
                byte[] mac = AlgorithmRunner.Mac(algorithm, trafficKey, Hex(vector, "mac_input_hex"), algorithm.DefaultMacLength, cut: 20);
                Assert.Equal($"{section} {Text(vector, "mac_hex")}", $"{section} {Convert.ToHexStringLower(mac)}");
            }
        }
    }

    [Fact]
    [Requirement("R-135", "R-136", "R-139")]
    public void KdfAndMac_NewerAlgorithmsOnTheSameSegments_GiveComputedKeysAndMacs()
    {
        Dictionary<string, JsonElement> origins = Load("rfc9235.json").ToDictionary(v => Text(v, "section"), StringComparer.Ordinal);
        JsonElement[] vectors = Load("newer-algorithms-computed.json");
        Assert.Equal(96, vectors.Length);
        foreach (JsonElement vector in vectors)
        {
            string scheme = Text(vector, "scheme");
            MacAlgorithm algorithm = scheme.StartsWith("linux", StringComparison.Ordinal) ? MacAlgorithms.HmacSha256
                : scheme.Contains("HKDF", StringComparison.Ordinal) ? MacAlgorithms.HmacSha256Hkdf
                : MacAlgorithms.Kmac256;
            byte[] packet = Hex(vector, "ip_packet_hex");
            byte[] trafficKey = AlgorithmRunner.TrafficKey(algorithm, Hex(vector, "master_key_hex"), Context(packet, origins[Text(vector, "derived_from")]));
            string label = $"{Text(vector, "derived_from")} {algorithm.Name}";
            Assert.Equal($"{label} {Text(vector, "traffic_key_hex")}", $"{label} {Convert.ToHexStringLower(trafficKey)}");

            (byte[] input, int headerLength, byte[] received) = MacInput(packet, vector.GetProperty("include_options").GetBoolean());
            byte[] mac = AlgorithmRunner.Mac(algorithm, trafficKey, input, received.Length, headerLength);
            Assert.Equal($"{label} {Text(vector, "mac_hex")}", $"{label} {Convert.ToHexStringLower(mac)}");
            Assert.True(FixedTimeMac.Equals(received, mac));
        }
    }

    private static byte[] Context(byte[] packet, JsonElement origin)
    {
        (byte[] source, byte[] destination, byte[] segment) = Parse(packet);
        byte[] isns = new byte[8];
        if ((segment[13] & 0x12) == 0x02)
        {
            segment.AsSpan(4, 4).CopyTo(isns);
        }
        else
        {
            bool fromClient = string.Equals(Text(origin, "direction"), "client_to_server", StringComparison.Ordinal);
            BinaryPrimitives.WriteUInt32BigEndian(isns, Number(origin, fromClient ? "client_isn" : "server_isn"));
            BinaryPrimitives.WriteUInt32BigEndian(isns.AsSpan(4), Number(origin, fromClient ? "server_isn" : "client_isn"));
        }

        return [.. source, .. destination, .. segment[..4], .. isns];
    }

    /// <summary>SNE 0, pseudo-header, TCP header with checksum and MAC zeroed, payload (R-028 to R-033).</summary>
    private static (byte[] Input, int HeaderLength, byte[] Mac) MacInput(byte[] packet, bool includeOptions)
    {
        (byte[] source, byte[] destination, byte[] segment) = Parse(packet);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, segment.Length);
        byte[] pseudo = source.Length == 4
            ? [.. source, .. destination, 0, 6, .. length[2..]]
            : [.. source, .. destination, .. length, 0, 0, 0, 6];

        int dataOffset = (segment[12] >> 4) * 4;
        int option = 20;
        while (segment[option] != 29)
        {
            option += segment[option] == 1 ? 1 : segment[option + 1];
        }

        int optionEnd = option + segment[option + 1];
        byte[] mac = segment[(option + 4)..optionEnd];
        segment.AsSpan(16, 2).Clear();
        segment.AsSpan(option + 4, mac.Length).Clear();
        byte[] header = includeOptions ? segment[..dataOffset] : [.. segment[..20], .. segment[option..optionEnd]];
        byte[] start = [0, 0, 0, 0, .. pseudo, .. header];
        return ([.. start, .. segment[dataOffset..]], start.Length, mac);
    }

    private static (byte[] Source, byte[] Destination, byte[] Segment) Parse(byte[] packet) => packet[0] >> 4 == 4
        ? (packet[12..16], packet[16..20], packet[((packet[0] & 15) * 4)..])
        : (packet[8..24], packet[24..40], packet[40..]);

    private static JsonElement[] Load(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", name)));
        return [.. document.RootElement.GetProperty("vectors").EnumerateArray().Select(element => element.Clone())];
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static byte[] Hex(JsonElement element, string name) => Convert.FromHexString(Text(element, name));

    private static uint Number(JsonElement element, string name) => uint.Parse(Text(element, name).AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
