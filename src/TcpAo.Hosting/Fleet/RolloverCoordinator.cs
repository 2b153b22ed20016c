using System.Collections.Immutable;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Hosting.Fleet;

/// <summary>
/// Drives a coordinated rollover: waits for each step to be over and writes the next. It keeps nothing of its own: it can be killed at any moment, be started again
/// elsewhere, or run twice, and what the store has is the truth.
/// </summary>
/// <param name="fleet">The store.</param>
/// <param name="chain">Name of the chain.</param>
/// <param name="patience">How long a step may stand still before this ends; the rollover stays where it is.</param>
/// <param name="say">Takes lines for the operator.</param>
/// <param name="time">The clock.</param>
public sealed class RolloverCoordinator(FleetStore fleet, string chain, TimeSpan patience, Action<string> say, TimeProvider time)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private FleetChain? _newest;

    /// <summary>Goes on with the rollover that is under way, until it is over or nothing has moved for the time that patience lasts.</summary>
    /// <exception cref="KeyStoreException">The store does not answer; the rollover stays where it is.</exception>
    /// <exception cref="FleetException">The document is not one of ours.</exception>
    public async Task<RolloverEnd> RunAsync(CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task watching = fleet.WatchAsync(chain, now => Volatile.Write(ref _newest, now), ended.Token);
        try
        {
            return await DriveAsync(watching, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await watching.ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    private async Task<RolloverEnd> DriveAsync(Task watching, CancellationToken cancellation)
    {
        FleetChain? seen = null;
        ImmutableArray<string> obstacles = [];
        long version = 0;
        long moved = time.GetTimestamp();
        while (true)
        {
            if (watching.IsCompleted)
            {
                await watching.ConfigureAwait(false);
            }

            FleetChain? now = Volatile.Read(ref _newest);
            if (now is not null && !ReferenceEquals(now, seen))
            {
                seen = now;
                ChainDocument document = now.Document ?? throw new FleetException($"the store has no chain {chain} any more");
                if (document.Rollover is null)
                {
                    return new RolloverEnd(true, document, []);
                }

                ImmutableArray<string> found = RolloverObstacles.Of(document, now.Hosts);
                if (version != document.Version || !found.SequenceEqual(obstacles, StringComparer.Ordinal))
                {
                    if (version != document.Version)
                    {
                        say(Sentence(document));
                    }

                    (version, obstacles, moved) = (document.Version, found, time.GetTimestamp());
                }

                if (found.IsEmpty)
                {
                    await fleet.TryWriteAsync(RolloverMachine.Advance(document), now.Revision, cancellation).ConfigureAwait(false);

                    // ours or another's: the watch brings what the store has now
                    moved = time.GetTimestamp();
                }
            }

            if (time.GetElapsedTime(moved) > patience && seen?.Document is { } waiting)
            {
                // who hears nothing may have been cut off from the store
                await fleet.ReadAsync(chain, cancellation).ConfigureAwait(false);
                return new RolloverEnd(false, waiting, obstacles);
            }

            await Task.Delay(s_look, time, cancellation).ConfigureAwait(false);
        }
    }

    private static string Sentence(ChainDocument document)
    {
        Rollover rollover = document.Rollover!;
        string back = rollover.Aborting ? " (going back)" : string.Empty;
        return rollover.Step switch
        {
            RolloverStep.Accept => $"step accept{back}: key {rollover.To} is accepted, key {rollover.From} signs; waiting for all {document.Hosts.Length} hosts to have it",
            RolloverStep.Send => $"step send{back}: key {rollover.To} signs, key {rollover.From} is still accepted; waiting for all connections to use it both ways",
            _ => $"step retire{back}: key {rollover.From} is gone; waiting for all {document.Hosts.Length} hosts to have let go of it",
        };
    }
}
