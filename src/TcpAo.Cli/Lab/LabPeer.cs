using System.Text;

namespace TcpAo.Cli.Lab;

/// <summary>A port of B that is protected, over IPv4 and IPv6.</summary>
/// <param name="Port">The port.</param>
/// <param name="Keys">Its keys.</param>
internal sealed record LabPeer(int Port, params LabKey[] Keys)
{
    /// <summary>What A has instead, where that differs; empty for no protection at all.</summary>
    public LabKey[]? KeysOfA { get; init; }

    /// <summary>Whether A has the port as well: either end may open the connection.</summary>
    public bool IsEitherEnd { get; init; }

    /// <summary>Whether its segments go through the queue unsigned: mode <c>monitor</c>.</summary>
    public bool IsOnlyWatched { get; init; }

    /// <summary>The configuration of one host.</summary>
    public static string Configuration(IEnumerable<LabPeer> peers, LabHost other, bool isMirrored)
    {
        var chains = new StringBuilder("key-chains:\n");
        var list = new StringBuilder("peers:\n");
        foreach (LabPeer peer in peers)
        {
            LabKey[] keys = isMirrored ? peer.Keys : peer.KeysOfA ?? peer.Keys;
            if (keys.Length == 0)
            {
                continue;
            }

            chains.Append($"  - name: port-{peer.Port}\n    keys:\n");
            for (int i = 0; i < keys.Length; i++)
            {
                (byte send, byte receive) = isMirrored ? (keys[i].RecvId, keys[i].SendId) : (keys[i].SendId, keys[i].RecvId);
                chains.Append($"      - {{ id: {i + 1}, send-id: {send}, recv-id: {receive}, algorithm: {keys[i].Algorithm}, secret: \"{keys[i].Secret}\" }}\n");
            }

            string port = peer.IsEitherEnd ? "port" : isMirrored ? "local-port" : "remote-port";
            string mode = peer.IsOnlyWatched ? "monitor" : "required";
            list.Append($"  - {{ name: port-{peer.Port}-v4, remote: {other.V4}, {port}: {peer.Port}, key-chain: port-{peer.Port}, mode: {mode} }}\n");
            list.Append($"  - {{ name: port-{peer.Port}-v6, remote: \"{other.V6}\", {port}: {peer.Port}, key-chain: port-{peer.Port}, mode: {mode} }}\n");
        }

        return $"{chains}{list}";
    }
}
