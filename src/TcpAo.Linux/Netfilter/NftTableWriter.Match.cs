// How a rule asks for the ends of a connection: fields are loaded side by side, masked, and looked up as one key.
using System.Buffers.Binary;

namespace TcpAo.Linux.Netfilter;

internal sealed partial class NftTableWriter
{
    /// <summary>A rule that looks the ends of a connection up in a set.</summary>
    private void WriteMatch(string chain, NftShapeSet set, NftFields fields, bool needsLocal, int verdict, string? target)
    {
        NftShape shape = set.Shape;
        NftRuleWriter rule = _batch.BeginRule(chain);
        Range(rule, shape.RemotePort, fields.RemotePort);
        Range(rule, shape.LocalPort, fields.LocalPort);
        int word = 0;
        Address(rule, fields, fields.Remote, shape.RemoteLength, ref word);
        Address(rule, fields, fields.Local, shape.LocalLength, ref word);
        Port(rule, shape.RemotePort, fields.RemotePort, ref word);
        Port(rule, shape.LocalPort, fields.LocalPort, ref word);
        if (shape.HasInterface)
        {
            rule.Meta(fields.InterfaceKey, word);
        }

        if (shape.KeyLength > 0)
        {
            rule.Lookup(set.Name);
        }

        if (needsLocal && _support.HasFib)
        {
            rule.IsLocal(fields.LocalAddress, 0);
        }

        rule.Verdict(verdict, target);
        _batch.EndRule(rule);
    }

    private static void Range(NftRuleWriter rule, NftPortTest test, int offset)
    {
        if (test.IsRange)
        {
            Span<byte> low = stackalloc byte[2];
            Span<byte> high = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(low, test.Low);
            BinaryPrimitives.WriteUInt16BigEndian(high, test.High);
            rule.Transport(offset, 2, 0);
            rule.Range(0, low, high);
        }
    }

    private static void Address(NftRuleWriter rule, NftFields fields, int offset, int prefixLength, ref int word)
    {
        if (prefixLength == 0)
        {
            return;
        }

        int length = fields.AddressLength;
        rule.Payload(fields.AddressHeader, offset, length, word);
        if (prefixLength < length * 8)
        {
            Span<byte> mask = stackalloc byte[length];
            mask.Clear();
            mask[..(prefixLength / 8)].Fill(0xFF);
            if (prefixLength % 8 != 0)
            {
                mask[prefixLength / 8] = (byte)(0xFF << (8 - (prefixLength % 8)));
            }

            rule.Mask(word, mask);
        }

        word += length / 4;
    }

    private static void Port(NftRuleWriter rule, NftPortTest test, int offset, ref int word)
    {
        if (!test.IsInKey)
        {
            return;
        }

        rule.Transport(offset, 2, word);
        if (test.Mask != ushort.MaxValue)
        {
            Span<byte> mask = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(mask, test.Mask);
            rule.Mask(word, mask);
        }

        word++;
    }
}
