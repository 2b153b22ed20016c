using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Uapi;

namespace TcpAo.Hosting.Emulation;

/// <summary>A TCP socket of a supervised program, with what is known of it beside the kernel's own state.</summary>
/// <param name="cookie">Its cookie; 0 for an accepted connection whose cookie is not known yet.</param>
/// <param name="family">Its own family: an IPv6 socket stays one when its peer is IPv4-mapped.</param>
/// <param name="model">Its keys.</param>
internal sealed class ProgramSocket(ulong cookie, SocketFamily family, AoSocket model)
{
    /// <summary>Its cookie; 0 where it is not known yet.</summary>
    public ulong Cookie { get; set; } = cookie;

    /// <summary>Its own family.</summary>
    public SocketFamily Family { get; } = family;

    /// <summary>Its keys.</summary>
    public AoSocket Model { get; } = model;

    /// <summary>Whose it is, where a user may have so many only; null otherwise, and for connections that came to a listener.</summary>
    public ProgramShare? Share { get; set; }

    /// <summary>The connection that it has or had last, as the engine knows it.</summary>
    public SocketPair? Pair { get; set; }

    /// <summary>The engine's state of that connection.</summary>
    public AoConnection? Connection { get; set; }

    /// <summary>Whom it is to connect to, or did last; null for a socket that never was.</summary>
    public SockAddr? Destination { get; set; }

    /// <summary>The port that it listens on; 0 for none.</summary>
    public ushort ListeningPort { get; set; }

    /// <summary>The device that it was bound to when it was asked last.</summary>
    public int BoundDevice { get; set; }

    /// <summary>Whether its segments may pass a VRF.</summary>
    public bool IsInVrf { get; set; }

    /// <summary>Whom it has keys for that it did not set itself, where it listens.</summary>
    public ImmutableArray<IpPrefix> DefaultPeers { get; set; } = [];

    /// <summary>Whether it has keys for <see cref="Destination"/> that it did not set itself.</summary>
    public bool HasDefaultKeys { get; set; }
}
