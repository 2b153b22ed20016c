using TcpAo.Fuzz.Oracle;
using TcpAo.Fuzz.Seeds;
using TcpAo.Wire;

namespace TcpAo.Fuzz.Targets;

/// <summary><see cref="TcpOptionEnumerator"/> over any bytes against a second walk.</summary>
internal sealed class OptionsTarget : IFuzzTarget
{
    public string Name => "options";

    public IEnumerable<byte[]> Seeds =>
    [
        [],
        [.. SeedPackets.Mss, .. SeedPackets.Timestamps],
        [.. SeedPackets.Ao(12), .. SeedPackets.Sack],
        [.. SeedPackets.Md5, 0, 1, 2, 3],
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        (List<SlowOption> expected, bool isMalformed) = SlowOption.ReadList(input.ToArray());
        TcpOptionEnumerator walk = new(input);
        Check.That(walk.Current.Bytes.IsEmpty);
        foreach (SlowOption option in expected)
        {
            Check.That(walk.MoveNext());
            Check.Equal(option.Offset, walk.Current.Offset);
            Check.Equal(option.Kind, (int)walk.Current.Kind);
            Check.Equal(input.Slice(option.Offset, option.Length), walk.Current.Bytes);
            Check.Equal(Math.Max(0, option.Length - 2), walk.Current.Data.Length);
            Signals.Note(1, option.Kind, option.Length);
        }

        for (int i = 0; i < 2; i++)
        {
            Check.That(!walk.MoveNext());
            Check.Equal(isMalformed, walk.IsMalformed);
            Check.That(walk.Current.Bytes.IsEmpty && walk.Current.Data.IsEmpty);
        }
    }
}
