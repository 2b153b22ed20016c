using System.Net;
using System.Text;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary>A key as one end has it; the other end has its ids the other way round.</summary>
internal sealed record Key(byte SendId, byte RecvId, string Algorithm = "hmac-sha-1-96", string Secret = "a secret of no less than 32 bytes, for kmac");

/// <summary>A port of B that is protected, over IPv4 and IPv6, with keys.</summary>
internal sealed record Peering(int Port, params Key[] Keys)
{
    /// <summary>The configuration of one end.</summary>
    public static string Configuration(IEnumerable<Peering> peerings, IPAddress v4, IPAddress v6, bool isMirrored)
    {
        var chains = new StringBuilder("key-chains:\n");
        var peers = new StringBuilder("peers:\n");
        foreach (Peering peering in peerings)
        {
            string port = isMirrored ? "local-port" : "remote-port";
            peering.WriteChain(chains, isMirrored);
            peers.Append($"  - {{ name: p{peering.Port}-4, remote: {v4}, {port}: {peering.Port}, key-chain: c{peering.Port} }}\n");
            peers.Append($"  - {{ name: p{peering.Port}-6, remote: \"{v6}\", {port}: {peering.Port}, key-chain: c{peering.Port} }}\n");
        }

        return $"{chains}{peers}";
    }

    /// <summary>The chain of one end, named after the port.</summary>
    public void WriteChain(StringBuilder text, bool isMirrored, string? name = null)
    {
        text.Append($"  - name: {name ?? $"c{Port}"}\n    keys:\n");
        int id = 0;
        foreach (Key key in Keys)
        {
            string ids = string.Equals(key.Algorithm, "tcp-md5", StringComparison.Ordinal)
                ? string.Empty
                : $"send-id: {(isMirrored ? key.RecvId : key.SendId)}, recv-id: {(isMirrored ? key.SendId : key.RecvId)}, ";
            text.Append($"      - {{ id: {++id}, {ids}algorithm: {key.Algorithm}, secret: \"{key.Secret}\" }}\n");
        }
    }
}
