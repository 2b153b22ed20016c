using System.Diagnostics;
using TcpAo.Cli.Lab;
using TcpAo.Hosting.Configuration;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;
using TcpAo.Wire;

namespace TcpAo.Cli.Bench.DataPath;

/// <summary>
/// Our path without cryptography: the kernel's queue, and where that is asked for the editing: a constant option of 16 bytes goes into what leaves and
/// comes off what arrives. A process of its own like <see cref="Protector"/>, because a switch between processes costs more than one between threads.
/// </summary>
internal sealed class QueueOnly : IDisposable
{
    public const string Verb = "queue-only";
    private const string WithOption = "option";
    private const string AsTheyAre = "pass";
    private const string Ready = "ready";
    private const ushort Queue = 5925;
    private const int MacLength = 12;
    private const int Padded = 16;

    private readonly NftRuleset _rules;
    private readonly Process _process;

    /// <param name="space">The host.</param>
    /// <param name="configuration">Its peers; the keys do not matter.</param>
    /// <param name="hasOption">Whether the option is put in; else packets pass the queue as they are.</param>
    public QueueOnly(NetworkNamespace space, TcpAoConfiguration configuration, bool hasOption)
    {
        _rules = space.Run(() => NftRuleset.Open());
        _rules.Replace(new NftModel
        {
            Traffic = [.. configuration.Peers.SelectMany(peer => peer.Matches().Select(match => new ProtectedTraffic(match, peer.Interface)))],
            FirstQueue = Queue,
        });
        ProcessStartInfo start = LabProgram.Self("bench", Verb, hasOption ? WithOption : AsTheyAre);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.Environment.Remove("DOTNET_TieredPGO");
        _process = space.Run(() => Process.Start(start)!);
        if (!string.Equals(_process.StandardOutput.ReadLine(), Ready, StringComparison.Ordinal))
        {
            throw new InvalidOperationException("the queue could not be bound");
        }
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        _rules.Dispose();
    }

    /// <summary>The process: handles the queue until its input ends.</summary>
    public static void Serve(string how)
    {
        using NfQueue queue = NfQueue.Bind(Queue);
        bool stopping = false;
        var loop = new Thread(() =>
        {
            while (!Volatile.Read(ref stopping))
            {
                Handle(queue, string.Equals(how, WithOption, StringComparison.Ordinal));
            }
        });
        loop.Start();
        Console.Out.WriteLine(Ready);
        Console.In.ReadToEnd();
        Volatile.Write(ref stopping, true);
        queue.Wake();
        loop.Join();
    }

    private static void Handle(NfQueue queue, bool hasOption)
    {
        if (!queue.TryReceive(-1, out NfQueueBatch batch))
        {
            return;
        }

        foreach (NfQueuePacket packet in batch)
        {
            if (hasOption)
            {
                Edit(packet);
            }
            else
            {
                packet.Accept();
            }
        }

        queue.Complete();
    }

    private static void Edit(NfQueuePacket packet)
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
