using TcpAo.Linux.Links;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab.Scenarios;

/// <summary>Keys change under a transfer: the second is added by SIGHUP at both ends, then the first is taken away. No byte is lost and nothing is reset.</summary>
internal sealed class RolloverScenario : ILabScenario
{
    private const int Port = 179;
    private const long Step = 256 * 1024;

    private static readonly LabKey s_first = new(61, 84, "the first secret of the lab");
    private static readonly LabKey s_second = new(71, 94, "the second secret of the lab", "aes-128-cmac-96");

    public string Name => "rollover";

    public string Description => "a key is replaced by another during a transfer";

    public void Run(LabContext context) => context.Case("new key, new algorithm, mid-transfer", () =>
    {
        // a rate, so that the capture stays small
        using var network = new LabNetwork(context, "with", new SoftLinkOptions { BitsPerSecond = 50_000_000 });
        network.Protect(new LabPeer(Port, s_first));
        using var load = new LabLoad(network, Port);
        load.WaitForMore(Step);
        Reload(network, new LabPeer(Port, s_first, s_second));
        load.WaitForMore(Step);
        Reload(network, new LabPeer(Port, s_second));
        network.Tap.WaitFor(segment => segment.IsFromA && segment.KeyId == s_second.SendId && segment.Payload > 0, "A signs with the second key");
        network.Tap.WaitFor(segment => !segment.IsFromA && segment.KeyId == s_second.RecvId && segment.Payload > 0, "B signs with the second key");
        load.WaitForMore(Step);
        long bytes = load.Finish();
        if (network.Tap.Find(segment => segment.Is(TcpFlags.Rst)).Count > 0)
        {
            throw new LabFailureException("there was a reset on the wire");
        }

        network.KeysPath = Path.Combine(network.Folder, "both-keys.yaml");
        LabProtection.WriteTo(network.KeysPath, LabPeer.Configuration([new LabPeer(Port, s_first, s_second)], network.B, isMirrored: false));
        int segments = network.Judge(Port);
        return (null, $"key ids {Ids(network, isFromA: true)} and {Ids(network, isFromA: false)}, {bytes / 1_000_000.0:F1} MB unharmed, no reset, {segments} segments, all signed and valid");
    });

    private static void Reload(LabNetwork network, LabPeer peer)
    {
        network.Configure(peer);
        network.RunA.Reload();
        network.RunB.Reload();
    }

    /// <summary>The ids of one direction; each came once and for all, or there is something wrong.</summary>
    private static string Ids(LabNetwork network, bool isFromA)
    {
        var ids = new List<byte>();
        foreach (LabSegment segment in network.Tap.Find(segment => segment.IsFromA == isFromA && segment.HasPort(Port)))
        {
            if (ids.Count == 0 || ids[^1] != segment.KeyId)
            {
                ids.Add(segment.KeyId);
            }
        }

        return ids.Count == 2 ? string.Join(" → ", ids) : throw new LabFailureException($"the ids on the wire were {string.Join(", ", ids)}");
    }
}
