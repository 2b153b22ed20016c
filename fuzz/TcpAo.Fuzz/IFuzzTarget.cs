namespace TcpAo.Fuzz;

/// <summary>Something that takes any bytes and must keep its promises.</summary>
internal interface IFuzzTarget
{
    /// <summary>What it is called on the command line; also the name of its folder in the corpus.</summary>
    string Name { get; }

    /// <summary>Inputs that get the mutator going; the files of the corpus come on top.</summary>
    IEnumerable<byte[]> Seeds { get; }

    /// <summary>Runs one input. The same input does the same each time; an exception is a finding.</summary>
    void Run(ReadOnlySpan<byte> input);
}
