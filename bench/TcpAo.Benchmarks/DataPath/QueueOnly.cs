using TcpAo.Hosting.Configuration;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;
using TcpAo.Wire;

namespace TcpAo.Benchmarks.DataPath;

/// <summary>
/// Our path without cryptography: the kernel's queue, and where that is asked for the editing: a constant option of 16 bytes goes into what leaves and
/// comes off what arrives.
/// </summary>
internal sealed class QueueOnly : IDisposable
{
    private const ushort Queue = 5925;
    private const int MacLength = 12;
    private const int Padded = 16;

    private readonly bool _hasOption;
    private readonly NftRuleset _rules;
    private readonly Task _task;
    private volatile bool _stopping;
    private NfQueue? _queue;

    /// <param name="space">The host.</param>
    /// <param name="configuration">Its peers; the keys do not matter.</param>
    /// <param name="hasOption">Whether the option is put in; else packets pass the queue as they are.</param>
    public QueueOnly(NetworkNamespace space, TcpAoConfiguration configuration, bool hasOption)
    {
        _hasOption = hasOption;
        _rules = space.Run(() => NftRuleset.Open());
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
                    if (_hasOption)
                    {
                        Handle(packet);
                    }
                    else
                    {
                        packet.Accept();
                    }
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
