using System.Collections.Immutable;
using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>
/// How a socket's keys follow a key chain over time, where the socket is the kernel's and has no lifetimes: which keys to add, ask for, sign with and take off. Sources: RFC 5925
/// section 6.1 and RFC 8177 section 2; the choice is <see cref="KeyChainSelector"/>'s. Pure: no clock, no socket.
/// </summary>
/// <remarks>
/// A key is added as soon as it is accepted or may sign. Each side asks for the key that it wants (rnext_key), and signs with what the other asks for; so a side never turns to a key that
/// the other lacks. A key that is over goes when the peer signs with another one and asks for another one, which Linux shows by counters and by current_key. A peer that does not follow
/// is told of, and not cut off. The last key never goes: without one a socket takes unsigned connections.
/// </remarks>
internal static class SocketKeyPlanner
{
    /// <summary>Makes the plan.</summary>
    /// <param name="chain">The chain, valid (<see cref="KeyChainValidator"/>).</param>
    /// <param name="now">The time, which may be earlier than the time before: clocks are set.</param>
    /// <param name="role">What the socket is.</param>
    /// <param name="present">The keys that it has for the peers of the chain.</param>
    /// <param name="progress">What the last plan gave; the default at first.</param>
    public static SocketKeyPlan Plan(KeyChain chain, DateTimeOffset now, SocketRole role, ImmutableArray<PresentKey> present, SocketKeyProgress progress)
    {
        var state = new Draft(chain, now, role, present, progress);
        state.Add();
        if (role != SocketRole.Listener)
        {
            state.Ask();
            state.Sign();
        }

        state.Remove();
        return state.ToPlan();
    }

    private static bool IsValid(AoKey key, DateTimeOffset now) => key.CanAccept(now) || key.CanSend(now);

    /// <summary>The plan in the making, and what the socket will have when it is done.</summary>
    private sealed class Draft(KeyChain chain, DateTimeOffset now, SocketRole role, ImmutableArray<PresentKey> present, SocketKeyProgress progress)
    {
        private readonly List<PresentKey> _keys = [.. present];
        private readonly ImmutableArray<SocketKeyStep>.Builder _steps = ImmutableArray.CreateBuilder<SocketKeyStep>();
        private SocketKeyCondition _conditions;
        private SocketKeyProgress _progress = progress;

        public SocketKeyPlan ToPlan() => new(_steps.ToImmutable(), _conditions, _progress);

        public void Add()
        {
            foreach (AoKey key in chain.AoKeys)
            {
                if (!IsValid(key, now) || _keys.Exists(other => ReferenceEquals(other.Key, key)))
                {
                    continue;
                }

                List<PresentKey> others = _keys.FindAll(other => other.SharesId(key));
                if (others.Count == 0)
                {
                    _steps.Add(new SocketKeyStep(SocketKeyStepKind.Add, key));
                }
                else if (others.Exists(IsHeld))
                {
                    // it waits until the connection has left the other one
                    _conditions |= SocketKeyCondition.IdHeld;
                    continue;
                }
                else
                {
                    // the keys of a chain share no ids, so the others are of another chain or of other material
                    foreach (PresentKey other in others.Skip(1))
                    {
                        _steps.Add(new SocketKeyStep(SocketKeyStepKind.Remove, null, other));
                    }

                    _steps.Add(new SocketKeyStep(SocketKeyStepKind.Replace, key, others[0]));
                    _keys.RemoveAll(others.Contains);
                }

                _keys.Add(new PresentKey(key.SendId, key.RecvId, key, IsCurrent: false, IsRNext: false, Good: 0));
            }
        }

        /// <summary>The peer is asked for the key that is accepted longest .</summary>
        public void Ask()
        {
            AoKey? wanted = KeyChainSelector.RNextKey(chain, now);
            if (wanted is null)
            {
                _conditions |= SocketKeyCondition.NoAcceptKey;
                return;
            }

            int at = IndexOf(wanted);
            if (at < 0 || (_keys[at].IsRNext && _progress.RNextRecvId == wanted.RecvId))
            {
                return;
            }

            _progress = _progress with { RNextRecvId = wanted.RecvId, GoodWhenAsked = _keys[at].Good };
            if (!_keys[at].IsRNext)
            {
                _steps.Add(new SocketKeyStep(SocketKeyStepKind.SetRNext, wanted));
                Use(at, (key, isIt) => key with { IsRNext = isIt });
            }
            else
            {
                // the connection began with it: what verified so far counts
                _progress = _progress with { GoodWhenAsked = 0 };
            }
        }

        /// <summary>A connection signs with what its peer asks for. We choose before there is one, and where the lifetime of the key in use is over.</summary>
        public void Sign()
        {
            AoKey? wanted = KeyChainSelector.SendKey(chain, now);
            if (wanted is null)
            {
                _conditions |= SocketKeyCondition.NoSendKey;
                return;
            }

            int at = IndexOf(wanted);
            int current = _keys.FindIndex(key => key.IsCurrent);
            if (at < 0 || at == current)
            {
                return;
            }

            bool mayStay = role == SocketRole.Connection && current >= 0 && _keys[current].Key?.CanSend(now) == true;
            if (mayStay)
            {
                return;
            }

            if (role == SocketRole.Connection && _progress.ForcedSendId == wanted.SendId)
            {
                // the peer asked for the old one again
                _conditions |= SocketKeyCondition.PeerAsksForOld;
                return;
            }

            _progress = _progress with { ForcedSendId = role == SocketRole.Connection ? wanted.SendId : null };
            _steps.Add(new SocketKeyStep(SocketKeyStepKind.SetCurrent, wanted));
            Use(at, (key, isIt) => key with { IsCurrent = isIt });
        }

        public void Remove()
        {
            if (role == SocketRole.Listener)
            {
                _conditions |= KeyChainSelector.SendKey(chain, now) is null ? SocketKeyCondition.NoSendKey : SocketKeyCondition.None;
                _conditions |= KeyChainSelector.RNextKey(chain, now) is null ? SocketKeyCondition.NoAcceptKey : SocketKeyCondition.None;
            }

            foreach (PresentKey old in _keys.FindAll(key => key.Key is null || !IsValid(key.Key, now)))
            {
                if (IsHeld(old))
                {
                    _conditions |= WhyHeld(old);
                }
                else if (_keys.Count == 1)
                {
                    _conditions |= SocketKeyCondition.LastKeyKept;
                }
                else
                {
                    _keys.Remove(old);
                    _steps.Add(new SocketKeyStep(SocketKeyStepKind.Remove, null, old));
                }
            }
        }

        /// <summary>Whether a key must stay because a connection uses it, or its peer may.</summary>
        private bool IsHeld(PresentKey key) => role switch
        {
            SocketRole.Listener => false,
            SocketRole.Unconnected => key.IsInUse,
            _ => key.IsInUse || !HasPeerMoved(),
        };

        /// <summary>A key that nothing can take the place of is told of as that.</summary>
        private SocketKeyCondition WhyHeld(PresentKey old)
        {
            bool hasNothingElse = (old.IsCurrent && _conditions.HasFlag(SocketKeyCondition.NoSendKey)) || (old.IsRNext && _conditions.HasFlag(SocketKeyCondition.NoAcceptKey));
            return hasNothingElse ? SocketKeyCondition.None
                : old.IsCurrent ? SocketKeyCondition.PeerAsksForOld
                : SocketKeyCondition.PeerDoesNotFollow;
        }

        /// <summary>Whether the peer signs with the key that it is asked for: a segment verified with it since.</summary>
        private bool HasPeerMoved() =>
            _keys.Exists(key => key.IsRNext && key.RecvId == _progress.RNextRecvId && key.Good > _progress.GoodWhenAsked);

        private int IndexOf(AoKey key) => _keys.FindIndex(other => ReferenceEquals(other.Key, key));

        private void Use(int at, Func<PresentKey, bool, PresentKey> change)
        {
            for (int i = 0; i < _keys.Count; i++)
            {
                _keys[i] = change(_keys[i], i == at);
            }
        }
    }
}
