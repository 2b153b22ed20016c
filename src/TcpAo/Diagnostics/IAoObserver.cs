namespace TcpAo.Diagnostics;

/// <summary>Is told what happens; feeds logs, metrics and traces. An engine without one spends nothing on it.</summary>
public interface IAoObserver
{
    /// <summary>Called on the thread of the engine's caller, before the decision is returned. It must not call the engine.</summary>
    /// <param name="aoEvent">What happened.</param>
    void OnEvent(in AoEvent aoEvent);
}
