using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Capture;

/// <summary>
/// The bindings to try on a segment, one after the other: given ones, or those of every chain in the order of the file, the segment's
/// sender taken as the local end first.
/// </summary>
internal struct BindingList
{
    private readonly KeyBinding? _single;
    private readonly IReadOnlyList<KeyBinding>? _given;
    private readonly ImmutableArray<CaptureChain> _chains;
    private readonly SocketPair _pair;
    private int _next;

    public BindingList(KeyBinding single) => _single = single;

    public BindingList(IReadOnlyList<KeyBinding> given) => _given = given;

    public BindingList(ImmutableArray<CaptureChain> chains, in SocketPair pairFromSender)
    {
        _chains = chains;
        _pair = pairFromSender;
    }

    /// <summary>Takes the next one; false when there is none left.</summary>
    public bool TryTake([NotNullWhen(true)] out KeyBinding? binding)
    {
        int index = _next++;
        if (_single is not null)
        {
            binding = index switch
            {
                0 => _single,
                1 when _single.IsGuess => _single with { IsFlipped = !_single.IsFlipped },
                _ => null,
            };
        }
        else if (_given is not null)
        {
            binding = index < _given.Count ? _given[index] : null;
        }
        else
        {
            binding = !_chains.IsDefault && index < 2 * _chains.Length
                ? new KeyBinding(_chains[index / 2].Keys, index % 2 == 0 ? _pair : _pair.Reversed, NatSides.None) { IsGuess = true }
                : null;
        }

        return binding is not null;
    }
}
