using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using TcpAo.Capture;
using TcpAo.Hosting.Configuration;
using TcpAo.Keys;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// Looks for the causes of refusals on a thread of its own, away from the data plane: a few segments wait, more are let go, and it rests three times as long
/// as it worked, so that a flood of forged segments buys no more than a quarter of a processor.
/// </summary>
internal sealed class HintSearch : IDisposable
{
    private const int MaxWaiting = 8;
    private const int RestFactor = 3;

    private readonly BlockingCollection<HintRequest> _requests = new(MaxWaiting);
    private readonly ManualResetEventSlim _stop = new();
    private readonly Action<string> _log;
    private readonly Thread _thread;
    private volatile RefusalHints _hints;

    public HintSearch(TcpAoConfiguration configuration, Action<string> log)
    {
        _log = log;
        _hints = Over(configuration);
        _thread = new Thread(Run) { Name = "tcpao hints", IsBackground = true, Priority = ThreadPriority.BelowNormal };
        _thread.Start();
    }

    /// <summary>Leaves a segment here; false when too many wait.</summary>
    public bool Ask(HintRequest request) => !_stop.IsSet && _requests.TryAdd(request);

    /// <summary>Searches with the keys of another configuration from now on.</summary>
    public void Use(TcpAoConfiguration configuration) => _hints = Over(configuration);

    public void Dispose()
    {
        _stop.Set();
        _requests.CompleteAdding();
        _thread.Join();
        _requests.Dispose();
        _stop.Dispose();
    }

    private static RefusalHints Over(TcpAoConfiguration configuration)
    {
        ImmutableArray<CaptureChain> chains = [.. configuration.KeyChains.Select(chain => new CaptureChain(chain.Name, chain.Ring))];
        IEnumerable<IpAddressBits> known = configuration.Peers
            .SelectMany(peer => (IEnumerable<IpPrefix>)[peer.Remote, peer.Local]).Where(prefix => prefix.IsHost).Select(prefix => prefix.Address);
        return new RefusalHints(new CaptureKeys(chains, configuration.Policy, [.. known]));
    }

    private void Run()
    {
        foreach (HintRequest request in _requests.GetConsumingEnumerable())
        {
            long began = Stopwatch.GetTimestamp();
            MismatchHint? hint = _stop.IsSet ? null : _hints.Explain(request.Packet, request.Refused);
            if (request.Take(hint))
            {
                _log($"{request.Refused.Pair}: hint: {hint!.Sentence}");
            }

            _stop.Wait(Stopwatch.GetElapsedTime(began) * RestFactor);
        }
    }
}
