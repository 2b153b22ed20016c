// Elements added to sets that are there: what a change costs then depends on the change alone, not on the table.
namespace TcpAo.Linux.Netfilter;

public sealed partial class NftRuleset
{
    // the set of each shape that this object wrote last, and how many elements more it takes; those of peers' addresses alone are sets of their own, and the ports' one has no shape
    private readonly Dictionary<(NftShape Shape, bool IsRemote), (string Name, int Room)> _room = [];
    private int _portRoom;

    /// <summary>Adds traffic and ports to the rules of the last <see cref="Replace"/>, in one step for packets, where the sets that they need are there and have room.</summary>
    /// <param name="more">What comes in addition; its queues are those of the last model.</param>
    /// <returns>False where that cannot be, and nothing has changed: the whole is to be replaced then.</returns>
    public bool TryExtend(NftModel more)
    {
        const string What = "Could not add to the rules of TcpAo.";
        ArgumentNullException.ThrowIfNull(more);
        ((NftShape Shape, bool IsRemote) Place, NftShapeSet Set)[] sets = [.. Places(more).Where(one => !IsOpenToAll(one.Place))];
        if (sets.Any(one => !_room.TryGetValue(one.Place, out (string Name, int Room) there) || there.Room < one.Set.Keys.Count) || _portRoom < more.SignedPorts.Count)
        {
            return false;
        }

        ((NftShape Shape, bool IsRemote) Place, NftShapeSet Set)[] filled = [.. sets.Where(one => one.Set.Shape.KeyLength > 0)];
        if (filled.Length == 0 && more.SignedPorts.Count == 0)
        {
            // the rules ask for nothing that would tell it apart
            return _room.Count > 0;
        }

        NftBatch batch = new(_socket, _table);
        batch.Begin(generation: null);
        foreach (((NftShape, bool) place, NftShapeSet set) in filled)
        {
            batch.NewElements(_room[place].Name, set.Keys);
        }

        batch.NewElements(NftTableWriter.SignedPorts, more.SignedPorts.Select(NftTableWriter.PortKey));
        batch.End();
        EnsureSendBuffer(batch.Buffer.Length, What);
        if (_socket.TryTransact(batch.Buffer, batch.LastSequence, What, out _) != 0)
        {
            // somebody removed or changed the table
            _room.Clear();
            _portRoom = 0;
            return false;
        }

        foreach (((NftShape, bool) place, NftShapeSet set) in filled)
        {
            (string name, int room) = _room[place];
            _room[place] = (name, room - set.Keys.Count);
        }

        _portRoom -= more.SignedPorts.Count;
        return true;
    }

    /// <summary>All sets of a model's traffic: a packet meets that of its peer's address first.</summary>
    private static IEnumerable<((NftShape Shape, bool IsRemote) Place, NftShapeSet Set)> Places(NftModel model)
    {
        var table = new NftShapeTable(model.Traffic);
        return table.Sets.Select(set => ((set.Shape, false), set)).Concat(table.Remotes.Select(set => ((set.Shape, true), set)));
    }

    /// <summary>Whether packets of any address come that far already.</summary>
    private bool IsOpenToAll((NftShape Shape, bool IsRemote) place) => place.IsRemote && _room.ContainsKey((place.Shape with { RemoteLength = 0 }, true));

    private void Remember(NftModel model)
    {
        _room.Clear();
        _portRoom = 0;
        if (!model.LeavesRoom)
        {
            return;
        }

        foreach (((NftShape, bool) place, NftShapeSet set) in Places(model))
        {
            _room.Add(place, (set.Name, model.RoomFor(set.Keys.Count) - set.Keys.Count));
        }

        _portRoom = model.SignedPorts.Count == 0 ? 0 : model.RoomFor(model.SignedPorts.Count) - model.SignedPorts.Count;
    }
}
