namespace TcpAo.Connections;

/// <summary>What becomes of a connection of ours when no key may sign. Nothing leaves unsigned either way .</summary>
public enum NoKeyAction
{
    /// <summary>Its program is told at once: connecting fails, and an established connection ends on this side. The default.</summary>
    Reject,

    /// <summary>It waits for a key, as TCP waits for a peer that does not answer.</summary>
    Hold,
}
