using System.Globalization;

namespace TcpAo.Interop.Tests.Support;

/// <summary>What BIRD says of a protocol in a line: its state, and since what time of the day.</summary>
internal sealed record BirdProtocol(string State, TimeSpan Since, string Info)
{
    /// <summary>BIRD counts back from two clocks that it reads one after the other; on an emulated processor the result wavers by milliseconds.</summary>
    private static readonly TimeSpan s_waver = TimeSpan.FromSeconds(1);

    public bool IsUp => Info.StartsWith("Established", StringComparison.Ordinal);

    public static BirdProtocol Parse(string line)
    {
        // name, protocol, table, state, since, info
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new BirdProtocol(words[3], TimeSpan.Parse(words[4], CultureInfo.InvariantCulture), string.Join(' ', words.Skip(5)));
    }

    /// <summary>Whether it has not changed its state since.</summary>
    public bool IsStill(BirdProtocol before) => string.Equals(State, before.State, StringComparison.Ordinal)
        && string.Equals(Info, before.Info, StringComparison.Ordinal) && (Since - before.Since).Duration() < s_waver;
}
