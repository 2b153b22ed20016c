using System.Text;
using System.Text.Json;
using TcpAo.Diagnostics;
using TcpAo.Hosting.Telemetry;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Hosting.Tests.Telemetry;

/// <summary>Events go to those who listen, in order, and never hold up who tells them.</summary>
public sealed class EventHubTests
{
    private static readonly TraceFilter s_mismatches = new() { Events = TraceFilter.BitOf(AoEventKind.MacMismatch) };

    private readonly EventHub _hub = new(TimeProvider.System);
    private readonly Told _told = new();
    private readonly EventTap _tap;

    public EventHubTests()
    {
        _tap = _hub.Observe(TestEvents.Origin, _told);
    }

    [Fact]
    public void Event_WithOrWithoutListeners_ReachesTheObserverBehind()
    {
        _tap.OnEvent(TestEvents.Of(AoEventKind.MacMismatch));
        using TraceSubscription? listener = _hub.TrySubscribe(TraceFilter.Everything);
        _tap.OnEvent(TestEvents.Of(AoEventKind.KeyNotFound));
        Assert.Equal(2, _told.Count);
        Assert.True(listener!.TryRead(out TracedEvent traced));
        Assert.Equal((AoEventKind.KeyNotFound, TestEvents.Origin), (traced.Event.Kind, traced.Origin));
        Assert.False(listener.TryRead(out _));
    }

    [Fact]
    public void Kind_IsWantedWhileSomebodyListensToIt()
    {
        Assert.DoesNotContain(Enum.GetValues<AoEventKind>(), _hub.Wants);
        TraceSubscription first = _hub.TrySubscribe(s_mismatches)!;
        TraceSubscription second = _hub.TrySubscribe(s_mismatches)!;
        Assert.Equal([AoEventKind.MacMismatch], Enum.GetValues<AoEventKind>().Where(_hub.Wants));
        first.Dispose();
        Assert.True(_hub.Wants(AoEventKind.MacMismatch));
        second.Dispose();
        Assert.False(_hub.Wants(AoEventKind.MacMismatch));
    }

    [Fact]
    public void Listeners_BeyondTheMost_AreRefusedUntilOneEnds()
    {
        var all = Enumerable.Range(0, EventHub.MaxSubscriptions).Select(_ => _hub.TrySubscribe(TraceFilter.Everything)!).ToList();
        Assert.Null(_hub.TrySubscribe(TraceFilter.Everything));
        all[0].Dispose();
        all[0] = _hub.TrySubscribe(TraceFilter.Everything)!;
        Assert.NotNull(all[0]);
        all.ForEach(one => one.Dispose());
    }

    [Fact]
    public void Ring_ThatIsFull_KeepsTheOldestAndCountsTheRest()
    {
        using TraceSubscription listener = _hub.TrySubscribe(TraceFilter.Everything)!;
        const int Over = 10;
        for (int round = 0; round < 3; round++)
        {
            for (uint i = 0; i < TraceSubscription.Capacity + Over; i++)
            {
                _tap.OnEvent(TestEvents.Of(AoEventKind.SendSneUpdate) with { Sne = i });
            }

            for (uint i = 0; i < TraceSubscription.Capacity; i++)
            {
                Assert.True(listener.TryRead(out TracedEvent traced));
                Assert.Equal(i, traced.Event.Sne);
            }

            Assert.False(listener.TryRead(out _));
            Assert.Equal((Over, 0), (listener.TakeLost(), listener.TakeLost()));
        }
    }

    [Fact]
    public void Lines_OfARingThatWasFull_EndWithHowManyWereLost()
    {
        using TraceSubscription listener = _hub.TrySubscribe(s_mismatches)!;
        for (int i = 0; i < TraceSubscription.Capacity + 3; i++)
        {
            _tap.OnEvent(TestEvents.Of(AoEventKind.MacMismatch));
            _tap.OnEvent(TestEvents.Of(AoEventKind.KeyNotFound));
        }

        using var stream = new MemoryStream();
        Assert.True(TraceLines.TryWrite(listener, TimeProvider.System, stream));
        string[] lines = Encoding.UTF8.GetString(stream.ToArray()).TrimEnd('\n').Split('\n');
        Assert.Equal(TraceSubscription.Capacity + 1, lines.Length);
        Assert.All(lines[..^1], line => Assert.Contains("\"event\":\"tcp_ao_mismatch\"", line, StringComparison.Ordinal));
        JsonElement last = JsonDocument.Parse(lines[^1]).RootElement;
        Assert.Equal((TraceRecord.LostName, 3), (last.GetProperty("event").GetString(), last.GetProperty("lost").GetInt32()));
        Assert.False(TraceLines.TryWrite(listener, TimeProvider.System, stream));
    }

    [Fact]
    public void Ring_WrittenByManyThreads_HasEachEventOnceAndEachThreadsInOrder()
    {
        const int Threads = 4;
        const int Each = 20_000;
        using TraceSubscription listener = _hub.TrySubscribe(TraceFilter.Everything)!;
        EventTap[] taps = [.. Enumerable.Range(0, Threads).Select(_ => _hub.Observe(TestEvents.Origin, new Told()))];
        Task[] writers = [.. taps.Select((tap, at) => Task.Factory.StartNew(
            () =>
            {
                for (uint i = 1; i <= Each; i++)
                {
                    tap.OnEvent(TestEvents.Of(AoEventKind.SendSneUpdate) with { KeyId = (byte)at, Sne = i });
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
        uint[] last = new uint[Threads];
        long read = 0;
        var all = Task.WhenAll(writers);
        bool isDone;
        do
        {
            isDone = all.IsCompleted;
            while (listener.TryRead(out TracedEvent traced))
            {
                Assert.True(traced.Event.Sne > last[traced.Event.KeyId]);
                last[traced.Event.KeyId] = traced.Event.Sne;
                read++;
            }
        }
        while (!isDone);
        Assert.Equal(Threads * Each, read + listener.TakeLost());
    }

    [Fact]
    public void Event_ToNobodyToListenersAndToAFullRing_AllocatesNothing()
    {
        const int Events = 1000;
        Assert.Equal(0, Allocated.Least(Tell));
        using TraceSubscription all = _hub.TrySubscribe(TraceFilter.Everything)!;
        Assert.True(TraceFilter.TryParse(
            [KeyValuePair.Create("peer", "192.0.2.0/24"), KeyValuePair.Create("source", "192.0.2.1:40000"), KeyValuePair.Create("keyid", "61")], out TraceFilter? filter, out _));
        using TraceSubscription some = _hub.TrySubscribe(filter)!;
        Assert.Equal(0, Allocated.Least(() =>
        {
            Tell();
            while (all.TryRead(out _) | some.TryRead(out _))
            {
            }
        }));

        while (all.TakeLost() == 0)
        {
            Tell();
        }

        Assert.Equal(0, Allocated.Least(Tell));

        void Tell()
        {
            for (int i = 0; i < Events; i++)
            {
                _tap.OnEvent(TestEvents.Of(AoEventKind.MacMismatch));
            }
        }
    }

    private sealed class Told : IAoObserver
    {
        public int Count { get; private set; }

        public void OnEvent(in AoEvent aoEvent) => Count++;
    }
}
