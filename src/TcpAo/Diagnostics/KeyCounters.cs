namespace TcpAo.Diagnostics;

/// <summary>The two counters that Linux keeps for a key.</summary>
public sealed class KeyCounters
{
    /// <summary>Segments that verified with the key: <c>pkt_good</c>.</summary>
    public ulong Good { get; set; }

    /// <summary>Segments that named the key and did not verify: <c>pkt_bad</c>.</summary>
    public ulong Bad { get; set; }

    internal void Add(KeyCounters other)
    {
        Good += other.Good;
        Bad += other.Bad;
    }

    internal void Count(bool good)
    {
        if (good)
        {
            Good++;
        }
        else
        {
            Bad++;
        }
    }
}
