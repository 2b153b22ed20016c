using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Fuzz.Engine;

/// <summary>How two engines are set up against one another.</summary>
internal sealed record PairSetup
{
    public static PairSetup Default { get; } = new();

    public bool UsesMd5 { get; init; }

    /// <summary>Of the first engine; the second one requires TCP-AO.</summary>
    public PeerMode Mode { get; init; }

    public KeyScope Scope { get; init; }

    public UnknownKeyAction UnknownKey { get; init; }

    /// <summary>The sides that a NAT hides from the first engine.</summary>
    public NatSides Nat { get; init; }

    public bool StripVerified { get; init; }

    public bool AcceptHandshakeAck { get; init; }

    /// <summary>Reads a setup from two bytes; every value is one.</summary>
    public static PairSetup From(byte first, byte second) => new()
    {
        Mode = (PeerMode)((first & 3) % 3),
        Scope = (KeyScope)((first >> 2) & 1),
        UnknownKey = (UnknownKeyAction)((first >> 3) & 1),
        StripVerified = (first & 0x10) != 0,
        AcceptHandshakeAck = (first & 0x20) != 0,
        UsesMd5 = (first & 0xC0) == 0xC0,
        Nat = (NatSides)(second & 3),
    };
}
