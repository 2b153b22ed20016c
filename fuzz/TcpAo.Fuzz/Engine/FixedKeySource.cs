using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Fuzz.Engine;

/// <summary>One policy for every connection but those to or from port 9, which have none.</summary>
internal sealed class FixedKeySource(ConnectionPolicy? policy) : IKeySource
{
    private const ushort Discard = 9;

    public ConnectionPolicy? Find(in SocketPair pair) => pair.RemotePort == Discard || pair.LocalPort == Discard ? null : policy;
}
