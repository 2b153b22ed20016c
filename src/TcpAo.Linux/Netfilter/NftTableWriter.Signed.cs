// Segments with TCP-AO to ports whose sockets may have no keys: `tcp dport @signed-ports tcp option 29 exists goto queue-in4`.
using System.Buffers.Binary;

namespace TcpAo.Linux.Netfilter;

internal sealed partial class NftTableWriter
{
    public const string SignedPorts = "signed-ports";
    private const uint PortType = 13;
    private const byte OptionKind = 29;

    public static byte[] PortKey(ushort port)
    {
        byte[] key = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(key, port);
        return key;
    }

    private void WriteSigned(string chain, string queues, NftFields fields)
    {
        if (_model.SignedPorts.Count == 0)
        {
            return;
        }

        NftRuleWriter rule = _batch.BeginRule(chain);
        rule.Transport(fields.LocalPort, sizeof(ushort), 0);
        rule.Lookup(SignedPorts);

        // which no other protocol has
        rule.HasTcpOption(OptionKind, 0);
        if (_support.HasFib)
        {
            rule.IsLocal(fields.LocalAddress, 0);
        }

        rule.Verdict(NftUapi.NFT_GOTO, _model.QueueCount == 1 ? FirstQueueChain : queues);
        _batch.EndRule(rule);
    }
}
