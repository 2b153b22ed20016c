using System.Globalization;

namespace TcpAo.Linux.Netfilter;

/// <summary>What the kernel counts of a queue (/proc/net/netfilter/nfnetlink_queue).</summary>
/// <param name="Queue">Number of the queue.</param>
/// <param name="PortId">Netlink port of the socket that is bound to it.</param>
/// <param name="Depth">Packets that wait for a verdict.</param>
/// <param name="QueueDropped">Packets dropped because the queue was full.</param>
/// <param name="UserDropped">Packets dropped because the socket's buffer was full.</param>
/// <param name="LastId">Id of the last packet: how many were queued, modulo 2^32.</param>
public readonly record struct NfQueueStatistics(int Queue, uint PortId, long Depth, long QueueDropped, long UserDropped, uint LastId)
{
    /// <summary>Reads the queues that are bound in the network namespace of the calling thread.</summary>
    public static IReadOnlyList<NfQueueStatistics> Read()
    {
        // /proc/net is that of the process's first thread
        const string path = "/proc/thread-self/net/netfilter/nfnetlink_queue";
        List<NfQueueStatistics> queues = [];
        if (!File.Exists(path))
        {
            return queues;
        }

        foreach (string line in File.ReadLines(path))
        {
            // number, port, depth, copy mode, copy range, queue dropped, user dropped, last id, 1
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= 8)
            {
                queues.Add(new NfQueueStatistics(
                    (int)Number(fields[0]), (uint)Number(fields[1]), Number(fields[2]), Number(fields[5]), Number(fields[6]), (uint)Number(fields[7])));
            }
        }

        return queues;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
