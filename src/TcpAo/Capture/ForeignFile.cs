using System.Text;

namespace TcpAo.Capture;

/// <summary>Says in a sentence what a file is that is not a capture file, from its first four bytes.</summary>
internal static class ForeignFile
{
    public static string Describe(ReadOnlySpan<byte> start)
    {
        if (PackedBy(start) is string packer)
        {
            return $"this is {packer} file: unpack it first";
        }

        return start.SequenceEqual("snoo"u8)
            ? "this is a snoop file, which is not read: convert it to pcapng first"
            : $"not a capture file: neither pcap nor pcapng begins with the bytes {start[0]:x2} {start[1]:x2} {start[2]:x2} {start[3]:x2}{AsText(start)}";
    }

    private static string? PackedBy(ReadOnlySpan<byte> start) => start switch
    {
        [0x1F, 0x8B, ..] => "a gzip",
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "a zstd",
        [0xFD, (byte)'7', (byte)'z', (byte)'X', ..] => "an xz",
        [0x04, 0x22, 0x4D, 0x18, ..] => "an lz4",
        [(byte)'B', (byte)'Z', (byte)'h', ..] => "a bzip2",
        [(byte)'P', (byte)'K', 3, 4, ..] => "a zip",
        _ => null,
    };

    private static string AsText(ReadOnlySpan<byte> start) =>
        start.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? "" : $" (\"{Encoding.ASCII.GetString(start)}\")";
}
