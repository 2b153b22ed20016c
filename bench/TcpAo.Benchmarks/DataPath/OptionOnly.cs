using TcpAo.Hosting.Configuration;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;
using TcpAo.Wire;

namespace TcpAo.Benchmarks.DataPath;

/// <summary>
/// Our path without cryptography: a constant option of 16 bytes goes into what leaves and comes off what arrives. What is left is the kernel's queue and the
/// editing.
/// </summary>
internal sealed class OptionOnly : IDisposable
{
    private const ushort Queue = 5925;
    private const int MacLength = 12;
    private const int Padded = 16;

    private readonly NftRuleset _rules;
    private readonly Task _task;
    private volatile bool _stopping;
    private NfQueue? _queue;

    public OptionOnly(NetworkNamespace space, TcpAoConfiguration configuration)
    {
        _rules = space.Run(NftRuleset.Open);
        _rules.Replace(new NftModel
        {
            Traffic = [.. configuration.Peers.SelectMany(peer => peer.Matches().Select(match => new ProtectedTraffic(match, peer.Interface)))],
            FirstQueue = Queue,
        });
        using var bound = new ManualResetEventSlim();
        _task = space.Start("option only", () => Loop(bound));
        bound.Wait();
    }

    public void Dispose()
    {
        _stopping = true;
        _queue!.Wake();
        _task.GetAwaiter().GetResult();
        _rules.Dispose();
    }

    private void Loop(ManualResetEventSlim bound)
    {
        using NfQueue queue = NfQueue.Bind(Queue);
        _queue = queue;
        bound.Set();
        while (!_stopping)
        {
            if (queue.TryReceive(-1, out NfQueueBatch batch))
            {
                foreach (NfQueuePacket packet in batch)
                {
                    Handle(packet);
                }

                queue.Complete();
            }
        }
    }

    private static void Handle(NfQueuePacket packet)
    {
        Span<byte> buffer = packet.Buffer;
        int length = packet.Payload.Length;
        if (packet.IsOutbound)
        {
            TcpPacketEditor.InsertAo(buffer, ref length, MacLength, 1, 2, out _);
        }
        else
        {
            if (TcpPacketEditor.TryGetMss(buffer, length, out ushort mss))
            {
                TcpPacketEditor.SetMss(buffer, length, (ushort)(mss - Padded));
            }

            TcpPacketEditor.RemoveOption(buffer, ref length, TcpOptionKind.TcpAo);
        }

        packet.AcceptChanged(length);
    }
}
