namespace TcpAo.Fuzz;

/// <summary>What the mutator begins with: seeds, and inputs that met something new.</summary>
internal sealed class InputPool
{
    private const int MaxInputs = 4096;

    private readonly List<byte[]> _inputs;

    public InputPool(IEnumerable<byte[]> seeds)
    {
        _inputs = [.. seeds];
        if (_inputs.Count == 0)
        {
            _inputs.Add([]);
        }
    }

    public IReadOnlyList<byte[]> Inputs => _inputs;

    /// <summary>Keeps the input that was just run if it met something new.</summary>
    public void Offer(byte[] input)
    {
        if (Signals.TakeNews() && _inputs.Count < MaxInputs)
        {
            _inputs.Add(input);
        }
    }
}
