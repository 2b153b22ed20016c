// Several queues: queue-in4 hashes (remote address, local address, remote port, local port), in that order in both
// directions, with one seed. jhash is not symmetric; its input is. So both directions of a connection, and the ICMP errors
// that quote it, meet one queue. Where the queue's number cannot come from a register (the xtables target), a verdict map
// leads from the hash to a chain with the number in it. What falls through is dropped.
using System.Globalization;
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Netfilter;

internal sealed partial class NftTableWriter
{
    private static string QueueChain(int index) => string.Create(CultureInfo.InvariantCulture, $"queue-{index}");

    private void WriteQueues()
    {
        for (int i = 0; i < _model.QueueCount; i++)
        {
            // a register holds any number; chains are for constants
            if (i == 0 || !_support.HasQueueExpression)
            {
                string name = QueueChain(i);
                _batch.NewChain(name);
                WriteQueue(name, (ushort)(_model.FirstQueue + i));
            }
        }

        if (_model.QueueCount == 1)
        {
            return;
        }

        if (!_support.HasQueueExpression)
        {
            byte[][] keys = new byte[_model.QueueCount][];
            for (int i = 0; i < keys.Length; i++)
            {
                keys[i] = new byte[4];
                MemoryMarshal.Write(keys[i], i);
            }

            const uint typeMark = 19;
            _batch.NewSet(QueueMap, typeMark, 4, keys.Length, isVerdictMap: true);
            _batch.NewElements(QueueMap, keys, key => QueueChain(MemoryMarshal.Read<int>(key)));
        }

        WriteSpread("queue-in4", NftFields.Inbound4);
        WriteSpread("queue-in6", NftFields.Inbound6);
        WriteSpread("queue-out4", NftFields.Outbound4);
        WriteSpread("queue-out6", NftFields.Outbound6);
        WriteSpread("queue-quote4", NftFields.Quote4);
        WriteSpread("queue-quote6", NftFields.Quote6);
    }

    private void WriteQueue(string chain, ushort number)
    {
        NftRuleWriter rule = _batch.BeginRule(chain);
        if (_support.HasQueueExpression)
        {
            rule.Queue(number);
        }
        else
        {
            rule.QueueTarget(number);
        }

        _batch.EndRule(rule);
    }

    private void WriteSpread(string chain, NftFields fields)
    {
        _batch.NewChain(chain);
        NftRuleWriter rule = _batch.BeginRule(chain);
        int words = fields.AddressLength / 4;
        rule.Payload(fields.AddressHeader, fields.Remote, fields.AddressLength, 0);
        rule.Payload(fields.AddressHeader, fields.Local, fields.AddressLength, words);
        int length = 2 * words;
        if (_model.Spread == QueueSpread.Connection)
        {
            rule.Transport(fields.RemotePort, 2, length++);
            rule.Transport(fields.LocalPort, 2, length++);
        }

        if (_support.HasQueueExpression)
        {
            rule.Hash(length * 4, _model.QueueCount, _model.FirstQueue, length);
            rule.QueueByWord(length);
        }
        else
        {
            rule.Hash(length * 4, _model.QueueCount, 0, length);
            rule.LookupVerdict(QueueMap, length);
        }

        _batch.EndRule(rule);
        Verdict(chain, NftUapi.NF_DROP);
    }

    private void Verdict(string chain, int verdict)
    {
        NftRuleWriter rule = _batch.BeginRule(chain);
        rule.Verdict(verdict);
        _batch.EndRule(rule);
    }
}
