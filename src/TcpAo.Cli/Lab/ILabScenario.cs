namespace TcpAo.Cli.Lab;

/// <summary>A scenario: builds its hosts, does something to them and reports rows.</summary>
internal interface ILabScenario
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>What it shows, in a sentence without a full stop.</summary>
    string Description { get; }

    /// <summary>Runs it. What fails inside a case becomes its row; what is thrown otherwise becomes a row of the scenario.</summary>
    void Run(LabContext context);
}
