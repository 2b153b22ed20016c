using TcpAo.Capture;
using TcpAo.Wire;

namespace TcpAo.Cli.Output;

/// <summary>The words for verdicts and flags, the same in every form of output.</summary>
internal static class VerdictText
{
    // by verdict
    private static readonly string[] s_names = ["valid", "bad-mac", "key-not-found", "unsigned", "unverifiable", "malformed", "not-tcp-ao"];

    // by flags byte, in the order S F R P A U E C
    private static readonly string[] s_flags = [.. Enumerable.Range(0, 256).Select(flags => FlagsOf((TcpFlags)flags))];

    public static string NameOf(SegmentVerdict verdict) => s_names[(int)verdict];

    public static string Flags(TcpFlags flags) => s_flags[(byte)flags];

    /// <summary>A sentence for a verdict's reason.</summary>
    public static string Explain(in SegmentReport report) => report.Hint?.Sentence ?? report.Reason switch
    {
        DropReason.MacMismatch => report.Key is { } key ? $"the MAC does not match key {key.Name}: the segment was changed on the way, or the two ends have different keys" : "the MAC does not match",
        DropReason.MacLengthMismatch => $"the MAC has {report.MacLength} bytes, key {report.Key?.Name} says {report.Key?.MacLength}",
        DropReason.KeyNotFound => $"no key has id {report.KeyId} in this direction",
        DropReason.IsnUnknown => "the initial sequence numbers are not known: no handshake of this connection verifies in the capture; --isns tells them",
        DropReason.PacketTruncated => "the segment is cut by the snap length; capture with -s 0",
        DropReason.IpFragment => "the segment is fragmented",
        DropReason.AoRequired => "no TCP-AO where the connection has it",
        DropReason.Md5Required => "no TCP MD5 where the connection has it",
        DropReason.None => string.Empty,
        _ => report.Reason.ToName(),
    };

    private static string FlagsOf(TcpFlags flags)
    {
        ReadOnlySpan<(TcpFlags Flag, char Letter)> order =
        [
            (TcpFlags.Syn, 'S'), (TcpFlags.Fin, 'F'), (TcpFlags.Rst, 'R'), (TcpFlags.Psh, 'P'),
            (TcpFlags.Ack, 'A'), (TcpFlags.Urg, 'U'), (TcpFlags.Ece, 'E'), (TcpFlags.Cwr, 'C'),
        ];
        Span<char> text = stackalloc char[8];
        int length = 0;
        foreach ((TcpFlags flag, char letter) in order)
        {
            if ((flags & flag) != TcpFlags.None)
            {
                text[length++] = letter;
            }
        }

        return new string(text[..length]);
    }
}
