using TcpAo.Hosting.Control.Status;

namespace TcpAo.Hosting.Control;

/// <summary>How far the connections of a chain are.</summary>
/// <param name="Chain">Its name.</param>
/// <param name="SendId">KeyID of the key that it signs with now; null for none.</param>
/// <param name="RecvId">KeyID of the key that it asks for now; null for none.</param>
/// <param name="Connections">Signed connections that are up.</param>
/// <param name="Settled">How many of them use these keys both ways.</param>
/// <param name="Next">The next change that the lifetimes bring; null for none.</param>
public sealed record KeyChainUse(string Chain, int? SendId, int? RecvId, int Connections, int Settled, KeyChangeStatus? Next)
{
    /// <summary>When the chain runs out: no key may sign, or none is accepted, whichever comes first; null when it never does.</summary>
    public DateTimeOffset? RunsOut { get; init; }

    /// <summary>How many are not where the chain wants them.</summary>
    public int Lagging => Connections - Settled;
}
