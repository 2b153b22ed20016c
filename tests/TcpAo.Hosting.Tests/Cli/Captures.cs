using System.Buffers.Binary;
using System.Text.Json;
using TcpAo.Hosting.Tests.Support;

namespace TcpAo.Hosting.Tests.Cli;

/// <summary>The shared captures, made by a Linux kernel, and parts of them.</summary>
internal static class Captures
{
    private const int FileHeader = 24;
    private const int RecordHeader = 16;

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Captures");

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.pcap").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    public static string Pcap(string name) => Path.Combine(Folder, $"{name}.pcap");

    /// <summary>A copy that only its owner may read, so that nothing is warned of.</summary>
    public static string Keys(TempFolder folder, string name, Func<string, string>? change = null)
    {
        string text = File.ReadAllText(Path.Combine(Folder, $"{name}.keys.yaml"));
        return folder.Write($"{name}.keys.yaml", change?.Invoke(text) ?? text);
    }

    public static JsonElement Expected(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, $"{name}.expected.json")));
        return document.RootElement.Clone();
    }

    /// <summary>The file header and each record with its header.</summary>
    public static (byte[] Header, byte[][] Records) Split(string name)
    {
        byte[] file = File.ReadAllBytes(Pcap(name));
        var records = new List<byte[]>();
        for (int at = FileHeader; at < file.Length;)
        {
            int length = RecordHeader + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 8));
            records.Add(file[at..(at + length)]);
            at += length;
        }

        return (file[..FileHeader], [.. records]);
    }

    public static byte[] Join(byte[] header, IEnumerable<byte[]> records) => [.. header, .. records.SelectMany(record => record)];

    /// <summary>The TCP header of a record of these captures: Ethernet, no VLAN, no IP options.</summary>
    public static ReadOnlySpan<byte> Tcp(byte[] record)
    {
        ReadOnlySpan<byte> ip = record.AsSpan(RecordHeader + 14);
        return ip[(ip[0] >> 4 == 4 ? 20 : 40)..];
    }

    public static uint Sequence(byte[] record) => BinaryPrimitives.ReadUInt32BigEndian(Tcp(record)[4..]);
}
