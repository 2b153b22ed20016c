using TcpAo.Fuzz.Targets;

namespace TcpAo.Fuzz;

/// <summary>Every target there is.</summary>
internal static class FuzzTargets
{
    /// <summary>New ones: a target keeps buffers, so two threads must not share it.</summary>
    public static IFuzzTarget[] Create() =>
    [
        new PacketTarget(),
        new OptionsTarget(),
        new EditorTarget(),
        new IcmpTarget(),
        new CaptureTarget(),
        new VerifierTarget(),
        new EngineTarget(),
        new MacTarget(),
        new YangTarget(),
    ];
}
