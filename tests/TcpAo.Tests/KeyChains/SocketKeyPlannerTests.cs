using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using TcpAo.KeyChains;
using TcpAo.Keys;
using Xunit;
using static TcpAo.Tests.KeyChains.ChainBuilder;

namespace TcpAo.Tests.KeyChains;

/// <summary>How a socket's keys follow a chain: one circumstance each, and two ends that roll keys against one another.</summary>
public sealed class SocketKeyPlannerTests
{
    private static readonly KeyChainKey s_old = Key(1, 1, 1, Days(0, 10), Days(-1, 11));
    private static readonly KeyChainKey s_new = Key(2, 2, 2, Days(9, 20), Days(8, 21));

    private static KeyChain Rolling => Chain(s_old, s_new);

    [Fact]
    [Requirement("R-121", "R-122")]
    public void Socket_BeforeItConnects_GetsTheValidKeysAndWhatTheChainChooses()
    {
        SocketKeyPlan plan = Plan(Rolling, 5, SocketRole.Unconnected);
        Assert.Equal(["Add 1", "SetRNext 1", "SetCurrent 1"], Words(plan));
        Assert.Equal(SocketKeyCondition.None, plan.Conditions);
    }

    [Fact]
    public void Listener_HasNoCurrentKey_AndLosesWhatIsOver()
    {
        Assert.Equal(["Add 1", "Add 2"], Words(Plan(Rolling, 9.5, SocketRole.Listener)));
        Assert.Equal(["Remove 1"], Words(Plan(Rolling, 11, SocketRole.Listener, Has(s_old), Has(s_new))));
    }

    [Fact]
    public void Listener_WhoseLastKeyIsOver_KeepsItAndTells()
    {
        SocketKeyPlan plan = Plan(Rolling, 30, SocketRole.Listener, Has(s_new));
        Assert.Empty(plan.Steps);
        Assert.Equal(SocketKeyCondition.LastKeyKept | SocketKeyCondition.NoSendKey | SocketKeyCondition.NoAcceptKey, plan.Conditions);
    }

    [Fact]
    [Requirement("R-045", "R-073")]
    public void Connection_WhenANewKeyIsAccepted_AsksForItAndLeavesTheOtherWayToThePeer()
    {
        SocketKeyPlan plan = Plan(Rolling, 9.5, SocketRole.Connection, Has(s_old, isCurrent: true, isRNext: true, good: 7));
        Assert.Equal(["Add 2", "SetRNext 2"], Words(plan));
        Assert.Equal(2, (int)plan.Progress.RNextRecvId!);
    }

    [Fact]
    [Requirement("R-019")]
    public void Connection_BeforeThePeerHasMoved_KeepsTheOldKeyAndTells()
    {
        SocketKeyProgress asked = new(2, 5, null);
        SocketKeyPlan held = Plan(Rolling, 12, SocketRole.Connection, asked, Has(s_old, good: 9), Has(s_new, isCurrent: true, isRNext: true, good: 5));
        Assert.Empty(held.Steps);
        Assert.Equal((SocketKeyCondition.PeerDoesNotFollow, true), (held.Conditions, held.IsWaiting));

        SocketKeyPlan moved = Plan(Rolling, 12, SocketRole.Connection, asked, Has(s_old, good: 9), Has(s_new, isCurrent: true, isRNext: true, good: 6));
        Assert.Equal(["Remove 1"], Words(moved));
        Assert.Equal((SocketKeyCondition.None, false), (moved.Conditions, moved.IsWaiting));
    }

    [Fact]
    [Requirement("R-123")]
    public void Connection_WhoseKeyMayNotSignAnyMore_TurnsToAnotherOnceAndTellsIfThePeerAsksBack()
    {
        SocketKeyProgress asked = new(2, 0, null);
        SocketKeyPlan first = Plan(Rolling, 12, SocketRole.Connection, asked, Has(s_old, isCurrent: true), Has(s_new, isRNext: true, good: 3));
        Assert.Equal(["SetCurrent 2", "Remove 1"], Words(first));

        SocketKeyPlan again = Plan(Rolling, 12, SocketRole.Connection, first.Progress, Has(s_old, isCurrent: true), Has(s_new, isRNext: true, good: 4));
        Assert.Empty(again.Steps);
        Assert.Equal(SocketKeyCondition.PeerAsksForOld, again.Conditions);
    }

    [Fact]
    public void Connection_WithoutAnyValidKey_KeepsWhatItHasAndTells()
    {
        SocketKeyPlan plan = Plan(Rolling, 30, SocketRole.Connection, new SocketKeyProgress(2, 0, null), Has(s_new, isCurrent: true, isRNext: true, good: 3));
        Assert.Empty(plan.Steps);
        Assert.Equal(SocketKeyCondition.NoSendKey | SocketKeyCondition.NoAcceptKey, plan.Conditions);
    }

    [Fact]
    public void Clock_SetBack_BringsAKeyBack()
    {
        SocketKeyPlan plan = Plan(Rolling, 5, SocketRole.Connection, new SocketKeyProgress(2, 0, null), Has(s_new, isCurrent: true, isRNext: true, good: 3));
        Assert.Equal(["Add 1", "SetRNext 1", "SetCurrent 1"], Words(plan));
    }

    [Fact]
    [Requirement("R-016")]
    public void Key_OfOtherMaterialUnderTheSameIds_WaitsOnAConnectionAndIsReplacedElsewhere()
    {
        PresentKey other = new(1, 1, null, IsCurrent: false, IsRNext: false, Good: 0);
        Assert.Equal(["Replace 1", "SetRNext 1", "SetCurrent 1"], Words(Plan(Rolling, 5, SocketRole.Unconnected, other)));
        Assert.Equal(["Replace 1"], Words(Plan(Rolling, 5, SocketRole.Listener, other)));
        SocketKeyPlan held = Plan(Rolling, 5, SocketRole.Connection, other with { IsCurrent = true, IsRNext = true, Good = 4 });
        Assert.Empty(held.Steps);
        Assert.True(held.Conditions.HasFlag(SocketKeyCondition.IdHeld));
    }

    [Fact]
    public void Key_ThatTheChainLost_GoesAsOneThatIsOver()
    {
        PresentKey gone = new(9, 9, null, IsCurrent: false, IsRNext: false, Good: 4);
        Assert.Equal(["Remove 9"], Words(Plan(Rolling, 5, SocketRole.Listener, Has(s_old), gone)));
        Assert.Empty(Words(Plan(Rolling, 5, SocketRole.Connection, new SocketKeyProgress(1, 4, null), Has(s_old, isCurrent: true, isRNext: true, good: 4), gone)));
        Assert.Equal(["Remove 9"], Words(Plan(Rolling, 5, SocketRole.Connection, new SocketKeyProgress(1, 4, null), Has(s_old, isCurrent: true, isRNext: true, good: 5), gone)));
    }

    /// <summary>
    /// Two ends with one chain, clocks that differ by less than the tolerance, and looks at least that often: no segment ever comes under a key that the other end lacks, and
    /// at the end both have left what is over.
    /// </summary>
    [Fact]
    [Requirement("R-121", "R-073", "R-019")]
    public void Rollover_BetweenTwoEnds_NeverLosesASegment() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(
        (from periods in Gen.ListOf(Gen.Choose(4, 12), 5)
         from overlaps in Gen.ListOf(Gen.Choose(0, 6), 5)
         from skew in Gen.Choose(-20, 20)
         from moves in Gen.ListOf(Gen.Choose(0, 3), 800)
         select (periods, overlaps, skew, moves)).ToArbitrary(),
        sample =>
        {
            KeyChain chain = Cycle(sample.periods, sample.overlaps);
            SimulatedSocket a = new(chain);
            SimulatedSocket b = new(chain);
            double day = 0.5;

            // 0.05 days at a time, a look at every tenth at the latest; 20 hundredths of skew, and a tolerance of one day
            int sinceLook = 0;
            a.Look(Day(day));
            b.Look(Day(day + (sample.skew / 100.0)));
            foreach (int move in sample.moves)
            {
                day += 0.05;
                switch (move)
                {
                    case 0:
                        a.Look(Day(day));
                        break;
                    case 1:
                        b.Look(Day(day + (sample.skew / 100.0)));
                        break;
                    case 2:
                        b.Receive(a.Segment());
                        break;
                    default:
                        a.Receive(b.Segment());
                        break;
                }

                if (++sinceLook == 10)
                {
                    sinceLook = 0;
                    a.Look(Day(day));
                    b.Look(Day(day + (sample.skew / 100.0)));
                }
            }

            for (int i = 0; i < 4; i++)
            {
                a.Look(Day(day));
                b.Look(Day(day));
                b.Receive(a.Segment());
                a.Receive(b.Segment());
            }

            a.AssertSettled(Day(day));
            b.AssertSettled(Day(day));
        }));

    /// <summary>Keys one after the other, each valid a little into the next; the last one for ever.</summary>
    private static KeyChain Cycle(IEnumerable<int> periods, IEnumerable<int> overlaps)
    {
        double at = 0;
        List<KeyChainKey> keys = [];
        foreach ((int period, int overlap) in periods.Zip(overlaps))
        {
            double end = keys.Count == 4 ? 10_000 : at + period + (overlap / 4.0);
            keys.Add(Key((ulong)keys.Count, 10 + keys.Count, 10 + keys.Count, Days(at, end), Days(at - 1, end + 1)));
            at += period;
        }

        return Chain([.. keys]);
    }

    private static PresentKey Has(KeyChainKey entry, bool isCurrent = false, bool isRNext = false, ulong good = 0) =>
        new(entry.Key.SendId, entry.Key.RecvId, entry.Key, isCurrent, isRNext, good);

    private static SocketKeyPlan Plan(KeyChain chain, double day, SocketRole role, params ImmutableArray<PresentKey> present) => Plan(chain, day, role, default, present);

    private static SocketKeyPlan Plan(KeyChain chain, double day, SocketRole role, SocketKeyProgress progress, params ImmutableArray<PresentKey> present) =>
        SocketKeyPlanner.Plan(chain, Day(day), role, present, progress);

    private static string[] Words(SocketKeyPlan plan) => [.. plan.Steps.Select(step => $"{step.Kind} {step.Key?.SendId ?? step.Old.SendId}")];

    /// <summary>A connection's keys as Linux keeps them: current_key follows the peer, and a key in use cannot go.</summary>
    private sealed class SimulatedSocket(KeyChain chain)
    {
        private List<PresentKey> _keys = [];
        private SocketKeyProgress _progress;
        private SocketRole _role = SocketRole.Unconnected;

        public void Look(DateTimeOffset now)
        {
            SocketKeyPlan plan = SocketKeyPlanner.Plan(chain, now, _role, [.. _keys], _progress);
            _progress = plan.Progress;
            _role = SocketRole.Connection;
            foreach (SocketKeyStep step in plan.Steps)
            {
                switch (step.Kind)
                {
                    case SocketKeyStepKind.Add:
                        Assert.DoesNotContain(_keys, key => key.SharesId(step.Key!));
                        _keys.Add(new PresentKey(step.Key!.SendId, step.Key.RecvId, step.Key, IsCurrent: false, IsRNext: false, Good: 0));
                        break;
                    case SocketKeyStepKind.SetCurrent:
                        _keys = [.. _keys.Select(key => key with { IsCurrent = key.SendId == step.Key!.SendId })];
                        break;
                    case SocketKeyStepKind.SetRNext:
                        _keys = [.. _keys.Select(key => key with { IsRNext = key.RecvId == step.Key!.RecvId })];
                        break;
                    default:
                        Assert.Equal(SocketKeyStepKind.Remove, step.Kind);
                        Assert.False(_keys.Single(key => key.SendId == step.Old.SendId).IsInUse);
                        _keys.RemoveAll(key => key.SendId == step.Old.SendId);
                        break;
                }
            }

            Assert.NotEmpty(_keys);
        }

        public (byte KeyId, byte RNextKeyId) Segment() => (_keys.Single(key => key.IsCurrent).SendId, _keys.Single(key => key.IsRNext).RecvId);

        public void Receive((byte KeyId, byte RNextKeyId) segment)
        {
            int at = _keys.FindIndex(key => key.RecvId == segment.KeyId);
            Assert.True(at >= 0, $"key {segment.KeyId} is not there");
            _keys[at] = _keys[at] with { Good = _keys[at].Good + 1 };
            if (_keys.Exists(key => key.SendId == segment.RNextKeyId))
            {
                _keys = [.. _keys.Select(key => key with { IsCurrent = key.SendId == segment.RNextKeyId })];
            }
        }

        public void AssertSettled(DateTimeOffset now)
        {
            Assert.All(_keys, key => Assert.True(key.Key!.CanAccept(now) || key.Key.CanSend(now)));
            Assert.Equal(KeyChainSelector.RNextKey(chain, now), _keys.Single(key => key.IsRNext).Key);
        }
    }
}
